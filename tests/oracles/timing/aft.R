# Accelerated failure times (survival::survreg, polished in high precision): log T = x'b + s W, log-likelihood on the time
# scale. Late entry, which survreg does not know, and the generalized gamma stand on the likelihood typed here alone.
source("R/figures.R"); source("R/likelihood.R")
suppressMessages(library(survival))

# W: log density and log survival, of the standardized log time (and, for the generalized gamma, of its shape q).
extreme <- list(f = function(w, q) w - exp(w), S = function(w, q) -exp(w))
noise <- list(exponential = extreme, weibull = extreme,
  lognormal = list(f = function(w, q) log_dnorm(w), S = function(w, q) log_pnorm(-w)),
  loglogistic = list(f = function(w, q) log_plogis(w) + log_plogis(-w), S = function(w, q) log_plogis(-w)),
  gengamma = list(
    f = function(w, q) { a <- q^-2; log(abs(q)) + a * log(a) - lgamma(a) + a * (q * w - exp(q * w)) },
    S = function(w, q) { P <- gamma_lower(q^-2, q^-2 * exp(q * w)); log(ifelse_precise(asNumeric(q) > 0, 1 - P, P)) }))

ifelse_precise <- function(test, yes, no) { no[test] <- yes[test]; no }

# Regularized lower incomplete gamma by its series of positive terms.
gamma_lower <- function(a, x) {
  term <- total <- 1 / a
  for (k in 1:2000) {
    term <- term * x / (a + k)
    total <- total + term
    if (max(asNumeric(term / total)) < 1e-47) break
  }
  exp(a * log(x) - x - lgamma(a)) * total
}

# `upper` equal to the time is exact, infinite is right-censored; between is interval-censored, with lower end zero for left.
aft_loglik <- function(lower, upper, entry, dist) {
  exact <- lower == upper; open <- is.infinite(upper); between <- !exact & !open; late <- entry > 0; from <- lower > 0
  W <- noise[[dist]]
  log_of <- function(t) log(precise(ifelse(t > 0 & is.finite(t), t, 1)))
  l <- log_of(lower); u <- log_of(upper); e <- log_of(entry)
  function(eta) {
    scale <- if (length(eta) > 1) eta[[2]] else precise(rep(0, length(lower)))
    q <- if (length(eta) > 2) eta[[3]] else precise(rep(1, length(lower)))
    w <- function(x, rows) ((x - eta[[1]]) / exp(scale))[rows]
    S <- function(x, rows) W$S(w(x, rows), q[rows])
    out <- precise(rep(0, length(lower)))
    if (any(exact)) out[exact] <- W$f(w(l, exact), q[exact]) - scale[exact] - l[exact]
    if (any(open)) out[open & from] <- S(l, open & from)
    if (any(between)) {
      top <- precise(rep(0, length(lower))); top[between & from] <- S(l, between & from)
      out[between] <- (top + log1mexp(top - ifelse_precise(!between, top - 1, { v <- top; v[between] <- S(u, between); v })))[between]
    }
    if (any(late)) out[late] <- out[late] - S(e, late)
    out
  }
}

aft <- function(case, data, outcome, covariates, dist, event = NULL, upper = NULL, entry = NULL, scale = NULL, clusters = NULL,
                weights = NULL, frequency = NULL) {
  d <- read_data(data)
  X <- design(paste("~", covariates), d)
  column <- function(name) if (!is.null(name)) d[[name]]
  lower <- d[[outcome]]
  end <- if (!is.null(upper)) d[[upper]] else ifelse(d[[event]] == 1, lower, Inf)
  start_at <- if (is.null(entry)) rep(0, nrow(d)) else d[[entry]]
  w <- c(column(weights), column(frequency)); if (is.null(w)) w <- rep(1, nrow(d))
  surv <- Surv(ifelse(lower == 0, NA, lower), ifelse(is.infinite(end), NA, end), type = "interval2")
  peer_dist <- if (dist == "gengamma") "lognormal" else dist
  fit_peer <- function(X) survreg(surv ~ X - 1, dist = peer_dist, weights = w, control = survreg.control(rel.tolerance = 1e-14, maxiter = 500))
  begin <- function(X, Z) { peer <- fit_peer(X)
    c(unname(coef(peer)), if (dist != "exponential") c(log(peer$scale), rep(0, ncol(Z) - 1)), if (dist == "gengamma") 0.3) }
  run <- function(X, Z, start, ...) maximize(aft_loglik(lower, end, start_at, dist), c(list(location = X),
    if (dist != "exponential") list(log_scale = Z), if (dist == "gengamma") list(shape = constant(nrow(d)))), start,
    frequency = column(frequency), weights = column(weights), ...)
  one <- constant(nrow(d))
  Z <- if (is.null(scale)) one else design(paste("~", scale), d)
  start <- begin(X, Z)
  fit <- run(X, Z, start, cluster = column(clusters))
  peered <- dist != "gengamma" && is.null(entry) && is.null(scale)
  out <- estimates(fit, llnull = run(one, one, begin(one, one))$llf, agreement_with_survreg = if (peered) agree(start, fit$params))
  call <- list(formula = paste(outcome, "~", covariates), event = event, upper = upper, entry = entry, dist = dist,
    scale = if (!is.null(scale)) paste("~", scale), weights = weights, frequency = frequency)
  do.call(figures, c(list(case, "timing.AFT", data, call[!vapply(call, is.null, TRUE)], c(if (peered) "survival", "Rmpfr"),
    clusters = clusters), out))
}

for (dist in c("exponential", "weibull", "lognormal", "loglogistic", "gengamma")) {
  name <- function(what) sprintf("aft_%s_%s", what, dist)
  aft(name("lung"), "lung", "time", "age + sex + ecog", dist, event = "event", clusters = "inst")
  aft(name("lung_weights"), "lung", "time", "age + sex + ecog", dist, event = "event", clusters = "inst", weights = "weight")
  aft(name("lung_frequency"), "lung", "time", "age + sex", dist, event = "event", frequency = "repeats")
  aft(name("bcdeter_interval"), "bcdeter", "lower", "treat", dist, upper = "upper")
  if (dist != "gengamma") aft(name("channing_entry"), "channing", "time", "sex", dist, event = "event", entry = "entry")
  if (!dist %in% c("exponential", "gengamma"))
    aft(name("veteran_scale"), "veteran", "time", "trt + celltype + karno", dist, event = "event", scale = "age")
}
aft("aft_veteran_gengamma", "veteran", "time", "trt + celltype + karno", "gengamma", event = "event")
