# Zero-inflated counts and hurdles (pscl::zeroinfl and pscl::hurdle, polished in high precision).
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R")
suppressMessages(library(pscl))

inflated <- function(dist, y) function(eta) {
  p <- eta[[length(eta)]]
  count <- log_plogis(-p) + counts[[dist]](y, eta)
  zero <- y == 0
  count[zero] <- log_sum(log_plogis(p[zero]), count[zero])
  count
}
hurdled <- function(dist, y) function(eta) {
  p <- eta[[length(eta)]]
  out <- log_plogis(-p)
  some <- y > 0
  part <- lapply(eta, `[`, some)
  out[some] <- log_plogis(p[some]) + counts[[dist]](y[some], part) - log1mexp(-counts[[dist]](rep(0, sum(some)), part))
  out
}

# The peer's coefficients in our order; its sign of `zero` is ours.
peer_of <- function(program, outcome, covariates, binary, dist, weights) function(d) {
  w <- if (is.null(weights)) rep(1, nrow(d)) else d[[weights]]
  fit <- program(as.formula(paste(outcome, "~", covariates, "|", binary)), d, weights = w,
    dist = c(poisson = "poisson", nb2 = "negbin")[[dist]], control = pscl_control)
  c(fit$coefficients$count, if (dist == "nb2") -log(unname(c(fit$theta)[1])), fit$coefficients$zero)
}

two_part <- function(name, data, outcome, covariates, dist, binary, model, clusters = NULL, ...) {
  weights <- c(list(...)$weights, list(...)$frequency)
  part <- c(ZeroInflated = "inflation", Hurdle = "participation")[[model]]
  loglik <- list(ZeroInflated = inflated, Hurdle = hurdled)[[model]]
  extra <- if (dist != "poisson") setNames(list("1"), dispersion[[dist]])
  equations <- function(a, b) c(list(log_mean = a), extra, setNames(list(b), part))
  peered <- dist %in% c("poisson", "nb2")
  program <- if (model == "Hurdle") function(...) hurdle(...) else function(...) zeroinfl(...)
  peer <- if (peered) peer_of(program, outcome, covariates, binary, dist, weights)
  pscl_control <<- if (model == "Hurdle") hurdle.control(reltol = 1e-15, maxit = 20000) else zeroinfl.control(reltol = 1e-15, maxit = 20000)
  loose <- function(d) { theirs <- peer(d); start_found <<- theirs; theirs }
  row_model(sprintf("%s_%s_%s", tolower(model), name, dist), paste0("spread.", model), data, outcome, equations(covariates, binary),
    function(d) loglik(dist, d[[outcome]]), call = c(list(dist = dist), setNames(list(binary), part), list(...)), clusters = clusters,
    null = equations("1", "1"), packages = c(if (peered) "pscl", "Rmpfr"), peer = NULL,
    start = if (peered) unname(peer(read_data(data))))
}

for (model in c("ZeroInflated", "Hurdle")) {
  for (dist in c("poisson", "nb2")) {
    two_part("biochemists", "biochemists", "art", "fem + mar + kid5 + phd + ment", dist, "fem + ment", model, clusters = "lab")
    two_part("biochemists_frequency", "biochemists", "art", "fem + ment", dist, "ment", model, frequency = "repeats")
    two_part("biochemists_weights", "biochemists", "art", "fem + ment", dist, "ment", model, clusters = "lab", weights = "repeats")
    two_part("recreation", "recreation", "trips", "ski + income + userfee + costC", dist, "income", model)
  }
  two_part("biochemists", "biochemists", "art", "fem + ment", "nb1", "ment", model, clusters = "lab")
}
