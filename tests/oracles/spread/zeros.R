# Zero-inflated counts and hurdles (pscl::zeroinfl and pscl::hurdle, polished).
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R"); source("R/numerical.R"); source("R/zeros.R")
suppressMessages(library(pscl))

# The peer's coefficients in our order (its signs are ours), and its log-likelihood. It stops early: within a tenth of a
# standard error.
peer_of <- function(model, outcome, covariates, binary, dist, weights) function(d) {
  d$case_weight <- if (is.null(weights)) 1 else d[[weights]]
  program <- list(ZeroInflated = zeroinfl, Hurdle = hurdle)[[model]]
  control <- list(ZeroInflated = zeroinfl.control, Hurdle = hurdle.control)[[model]](reltol = 1e-15, maxit = 20000)
  fit <- do.call(program, list(as.formula(paste(outcome, "~", covariates, "|", binary)), data = d, weights = quote(case_weight),
    dist = c(poisson = "poisson", nb2 = "negbin")[[dist]], control = control))
  list(params = unname(c(fit$coefficients$count, if (dist == "nb2") -log(fit$theta[[1]]), fit$coefficients$zero)), llf = fit$loglik)
}

two_part <- function(name, data, outcome, covariates, dist, binary, model, clusters = NULL, ...) {
  loglik <- list(ZeroInflated = inflated, Hurdle = hurdled)[[model]]
  part <- c(ZeroInflated = "inflation", Hurdle = "participation")[[model]]
  equations <- function(a, b) c(list(log_mean = a), if (dist != "poisson") list(log_alpha = "1"), setNames(list(b), part))
  peer <- if (dist != "nb1") peer_of(model, outcome, covariates, binary, dist, c(list(...)$weights, list(...)$frequency))(read_data(data))
  fit <- row_model(sprintf("%s_%s_%s", tolower(model), name, dist), paste0("spread.", model), data, outcome, equations(covariates, binary),
    function(d) loglik(dist, d[[outcome]]), call = c(list(dist = dist), setNames(list(binary), part), list(...)), clusters = clusters,
    null = if (dist == "poisson") equations("1", "1"),     # without covariates the others may have no inflation left
    packages = c(if (!is.null(peer)) "pscl", "numDeriv"), double = TRUE, start = peer$params)
  if (!is.null(peer)) stopifnot(fit$llf > peer$llf - 1e-6, max(abs(fit$params - peer$params) / sqrt(diag(fit$cov))) < 0.3)
}

for (model in c("ZeroInflated", "Hurdle")) {
  for (dist in c("poisson", "nb2")) {
    two_part("biochemists", "biochemists", "art", "fem + mar + kid5 + phd + ment", dist, "fem + ment", model, clusters = "lab")
    two_part("biochemists_frequency", "biochemists", "art", "fem + ment", dist, "ment", model, frequency = "repeats")
    two_part("biochemists_weights", "biochemists", "art", "fem + ment", dist, "ment", model, clusters = "lab", weights = "repeats")
    if (model == "Hurdle" || dist == "poisson") two_part("recreation", "recreation", "trips", "ski + income + userfee + costC", dist, "income", model)
  }
  two_part("biochemists", "biochemists", "art", "fem + ment", "nb1", "ment", model, clusters = "lab")
}
