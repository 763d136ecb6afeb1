# Bernoulli log-likelihoods (whole or fractional outcomes) under the links of the package.

links <- list(
  logit = list(log_p = function(eta) log_plogis(eta), log_q = function(eta) log_plogis(-eta)),
  probit = list(log_p = function(eta) log_pnorm(eta), log_q = function(eta) log_pnorm(-eta)),
  cloglog = list(log_p = function(eta) log1mexp(exp(eta)), log_q = function(eta) -exp(eta)),
  loglog = list(log_p = function(eta) -exp(-eta), log_q = function(eta) log1mexp(exp(-eta))),
  cauchit = list(log_p = function(eta) log(0.5 + atan(eta) / Const("pi", BITS)),
    log_q = function(eta) log(0.5 - atan(eta) / Const("pi", BITS))))

bernoulli <- function(y, link) function(eta) y * links[[link]]$log_p(eta[[1]]) + (1 - y) * links[[link]]$log_q(eta[[1]])

# glm's own link objects; log-log is cloglog of the reversed outcome.
glm_start <- function(y, X, link, weight = rep(1, length(y))) {
  if (link == "loglog") return(-glm_start(1 - y, X, "cloglog", weight))
  unname(coef(suppressWarnings(glm.fit(X, y, weight, family = quasibinomial(link), control = list(epsilon = 1e-15, maxit = 1000)))))
}

# A binary (or fractional) regression and its agreement with glm.
fit_binary <- function(y, X, link, ...) {
  weight <- list(...)$frequency
  if (is.null(weight)) weight <- list(...)$weights
  if (is.null(weight)) weight <- rep(1, length(y))
  start <- glm_start(y, X, link, weight)
  fit <- maximize(bernoulli(y, link), list(location = X), start, ...)
  fit$agreement <- agree(start, fit$params)
  fit
}

null_binary <- function(y, link, weight = rep(1, length(y))) {
  p <- sum(weight * y) / sum(weight)
  sum(weight * (ifelse(y > 0, y * log(p), 0) + ifelse(y < 1, (1 - y) * log1p(-p), 0)))
}
