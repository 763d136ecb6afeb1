# Firth's penalized logit, and Jeffreys' penalty under probit and complementary log-log (brglm2's mean bias reduction for
# the logit; the penalized likelihood itself in high precision for all three).
# Penalized log-likelihood l(beta) + log det I(beta) / 2 with I the expected information; standard errors from I at the
# estimate without the penalty; intervals where the profile penalized likelihood falls by qchisq(0.95, 1) / 2.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")
suppressMessages({ library(brglm2); library(numDeriv) })

# working weight of the expected information: (dp/deta)^2 / (p (1 - p))
working_weight <- function(link, eta) {
  f <- binomial(link)
  p <- pmin(pmax(f$linkinv(eta), 1e-300), 1 - 1e-16)
  f$mu.eta(eta)^2 / (p * (1 - p))
}
precise_weight <- list(
  logit = function(eta) exp(log_plogis(eta) + log_plogis(-eta)),
  probit = function(eta) exp(2 * log_dnorm(eta) - log_pnorm(eta) - log_pnorm(-eta)),
  cloglog = function(eta) exp(2 * eta - exp(eta) - log1mexp(exp(eta))))

# log det of a symmetric positive definite precise matrix, given as a list of columns of its lower triangle
log_det <- function(A, p) {
  total <- precise(0)
  for (j in seq_len(p)) {
    total <- total + log(A[[j]][[j]])
    if (j < p) for (i in (j + 1):p) {
      factor <- A[[i]][[j]] / A[[j]][[j]]
      for (k in (j + 1):i) A[[i]][[k]] <- A[[i]][[k]] - factor * A[[k]][[j]]
    }
  }
  total
}

penalized <- function(y, X, link, w) function(beta) {
  eta <- predictor(X, beta)
  W <- precise_weight[[link]](eta) * w
  p <- ncol(X)
  A <- lapply(seq_len(p), function(i) lapply(seq_len(i), function(j) sum(W * X[, i] * X[, j])))
  sum(w * bernoulli(y, link)(list(eta))) + log_det(A, p) / 2
}

# Maximize over the free coefficients: Newton with differences of the penalized likelihood itself.
climb <- function(f, beta, free = seq_along(beta)) {
  h <- mpfr("1e-15", BITS)
  for (i in 1:100) {
    at <- function(...) { b <- beta; for (m in list(...)) b[m[1]] <- b[m[1]] + m[2] * h; f(b) }
    now <- f(beta)
    up <- lapply(free, function(k) at(c(k, 1))); down <- lapply(free, function(k) at(c(k, -1)))
    g <- vapply(seq_along(free), function(a) asNumeric((up[[a]] - down[[a]]) / (2 * h)), 0)
    H <- matrix(0, length(free), length(free))
    for (a in seq_along(free)) for (b in seq_len(a)) H[a, b] <- H[b, a] <- asNumeric(
      if (a == b) (up[[a]] - 2 * now + down[[a]]) / h^2 else
        (at(c(free[a], 1), c(free[b], 1)) - up[[a]] - up[[b]] + now) / h^2)
    step <- drop(scaled_inverse(-H) %*% g)
    size <- min(1, 2 / max(abs(step)))
    repeat {
      trial <- beta; trial[free] <- trial[free] + size * step
      if (asNumeric(f(trial) - now) > -1e-28 || size < 1e-8) break
      size <- size / 2
    }
    beta <- trial
    if (max(abs(step) / pmax(abs(asNumeric(beta[free])), 1e-3)) < 1e-16) break
  }
  list(beta = beta, value = f(beta))
}

# The penalized log-likelihood in double precision, for the ends of its profile (good to about 1e-9).
double_logs <- list(
  logit = function(eta) list(p = plogis(eta, log.p = TRUE), q = plogis(-eta, log.p = TRUE), slope = dlogis(eta, log = TRUE)),
  probit = function(eta) list(p = pnorm(eta, log.p = TRUE), q = pnorm(-eta, log.p = TRUE), slope = dnorm(eta, log = TRUE)),
  cloglog = function(eta) list(p = log(-expm1(-exp(eta))), q = -exp(eta), slope = eta - exp(eta)))

penalized_double <- function(y, X, link, w) function(beta) {
  l <- double_logs[[link]](drop(X %*% beta))
  information <- crossprod(X, X * (w * exp(2 * l$slope - l$p - l$q)))
  sum(w * ifelse(y == 1, l$p, l$q)) + as.numeric(determinant(information)$modulus) / 2
}

# The highest value with coefficient `j` held: a search, then Newton steps with extrapolated differences.
held <- function(f, beta, j, se) {
  free <- setdiff(seq_along(beta), j)
  at <- function(u) { b <- beta; b[free] <- b[free] + se[free] * u; v <- f(b); if (is.finite(v)) v else -1e10 }
  zero <- rep(0, length(free))
  for (method in c("Nelder-Mead", "BFGS")) beta[free] <- beta[free] + se[free] *
    optim(zero, at, method = method, control = list(fnscale = -1, reltol = 1e-15, maxit = 5000))$par
  for (i in 1:20) {
    step <- drop(solve(-hessian(at, zero, method.args = list(eps = 0.1)), grad(at, zero, method.args = list(eps = 0.1))))
    if (max(abs(step)) > 0.1) stop("the search stopped far from the maximum")
    beta[free] <- beta[free] + se[free] * step
    if (max(abs(step)) < 1e-8) break
  }
  beta
}

profile_interval <- function(f, beta, top, j, se) {
  target <- top - qchisq(0.95, 1) / 2
  end <- function(side) {
    gap <- function(value) f(held(f, replace(beta, j, value), j, se)) - target
    inner <- beta[j]; outer <- inner + side * 2 * se[j]
    while (gap(outer) > 0) { inner <- outer; outer <- outer + side * se[j] }
    uniroot(gap, sort(c(inner, outer)), tol = 1e-12)$root
  }
  c(end(-1), end(1))
}

firth <- function(case, link, data, outcome, covariates, frequency = NULL, intervals = TRUE) {
  d <- read_data(data)
  y <- d[[outcome]]
  X <- design(paste("~", covariates), d)
  w <- if (is.null(frequency)) rep(1, length(y)) else d[[frequency]]
  f <- penalized(y, X, link, w)
  fit <- climb(f, precise(rep(0, ncol(X))))
  beta <- setNames(asNumeric(fit$beta), colnames(X))
  information <- crossprod(X, X * (w * working_weight(link, drop(X %*% beta))))
  V <- scaled_inverse(information)
  name <- function(x) setNames(x, colnames(X))
  gap <- if (link == "logit") agree(coef(glm(y ~ X - 1, binomial, weights = w, method = "brglmFit", type = "AS_mean", epsilon = 1e-12,
    maxit = 1000)), beta)
  out <- list(params = beta, bse = name(se(V)), cov_params = unname(V), penalized_llf = asNumeric(fit$value),
    llf = asNumeric(sum(w * bernoulli(y, link)(list(predictor(X, fit$beta))))), nobs = sum(w))
  if (intervals) {
    g <- penalized_double(y, X, link, w)
    top <- g(unname(beta))
    ends <- lapply(seq_along(beta), function(j) profile_interval(g, unname(beta), top, j, se(V)))
    out$profile_interval <- list(level = 0.95, lower = name(vapply(ends, `[`, 0, 1)), upper = name(vapply(ends, `[`, 0, 2)))
    # penalized likelihood-ratio test of each coefficient, as logistf gives it
    out$penalized_lr <- name(vapply(seq_along(beta), function(j) 2 * (top - g(held(g, replace(unname(beta), j, 0), j, se(V)))), 0))
  }
  if (!is.null(gap)) out$agreement_with_brglm2 <- gap
  estimator <- if (link == "logit") "strategy.FirthLogit" else paste0("strategy.", c(probit = "Probit", cloglog = "CLogLog")[[link]])
  call <- c(list(formula = paste(outcome, "~", covariates)), if (link != "logit") list(penalty = "jeffreys"),
    if (!is.null(frequency)) list(frequency = frequency))
  do.call(figures, c(list(case, estimator, data, call, c(if (link == "logit") "brglm2", "Rmpfr")), out))
}

for (link in c("logit", "probit", "cloglog")) {
  firth(paste0("firth_endometrial_", link), link, "endometrial", "hg", "nv + pi + eh")
  firth(paste0("firth_lizards_", link), link, "lizards", "grahami", "height + diameter + light + time", frequency = "count")
  firth(paste0("firth_birthwt_", link), link, "birthwt", "low", "age + lwt + race + smoke", intervals = link == "logit")
}
