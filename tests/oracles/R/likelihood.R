# Maximum likelihood in 160-bit arithmetic, for log-likelihoods that are sums over rows of a function of a few linear
# predictors. Derivatives with respect to the predictors are central differences with a step of 1e-13, exact to about 25
# digits at this precision, so that a likelihood is typed once, as a formula, and nothing is derived by hand.

suppressMessages(library(Rmpfr))
BITS <- 160
STEP <- mpfr("1e-13", BITS)
precise <- function(x) mpfr(x, BITS)

predictor <- function(X, beta) {
  eta <- precise(rep(0, nrow(X)))
  for (j in seq_len(ncol(X))) eta <- eta + X[, j] * beta[j]
  eta
}

# First and second derivatives of each row's log-likelihood with respect to each predictor.
row_derivatives <- function(loglik, eta, value) {
  K <- length(eta)
  at <- function(...) {
    moves <- list(...)
    for (m in moves) eta[[m[[1]]]] <- eta[[m[[1]]]] + m[[2]] * STEP
    loglik(eta)
  }
  up <- lapply(seq_len(K), function(k) at(list(k, 1)))
  down <- lapply(seq_len(K), function(k) at(list(k, -1)))
  first <- lapply(seq_len(K), function(k) (up[[k]] - down[[k]]) / (2 * STEP))
  second <- lapply(seq_len(K), function(k) lapply(seq_len(K), function(l) {
    if (l > k) return(NULL)
    if (l == k) return((up[[k]] - 2 * value + down[[k]]) / STEP^2)
    (at(list(k, 1), list(l, 1)) - at(list(k, 1), list(l, -1)) - at(list(k, -1), list(l, 1)) +
       at(list(k, -1), list(l, -1))) / (4 * STEP^2)
  }))
  list(first = first, second = second)
}

# log-likelihood, score and Hessian at theta (a precise vector).
evaluate <- function(loglik, X, theta, weight) {
  at <- rep(seq_along(X), vapply(X, ncol, 1L))
  eta <- setNames(lapply(seq_along(X), function(k) predictor(X[[k]], theta[at == k])), names(X))
  value <- loglik(eta)
  d <- row_derivatives(loglik, eta, value)
  gradient <- do.call(c, lapply(seq_along(X), function(k)
    do.call(c, lapply(seq_len(ncol(X[[k]])), function(j) sum(d$first[[k]] * weight * X[[k]][, j])))))
  scores <- do.call(cbind, lapply(seq_along(X), function(k) asNumeric(d$first[[k]]) * X[[k]]))
  hessian <- matrix(0, length(theta), length(theta))
  for (k in seq_along(X)) for (l in seq_len(k)) {
    block <- crossprod(X[[k]], X[[l]] * (weight * asNumeric(d$second[[k]][[l]])))
    hessian[at == k, at == l] <- block
    hessian[at == l, at == k] <- t(block)
  }
  list(value = sum(value * weight), gradient = gradient, scores = scores, hessian = hessian, rows = value)
}

# Inverse of a symmetric matrix after scaling its diagonal to one.
scaled_inverse <- function(A) {
  s <- sqrt(abs(diag(A)))
  solve(A / outer(s, s), tol = 0) / outer(s, s)
}

# Maximize; `X` is a named list of designs, one a predictor; `start` a vector in their order.
# `frequency`: rows repeated; `weights`: sampling weights (the robust covariances square them).
maximize <- function(loglik, X, start, frequency = NULL, weights = NULL, cluster = NULL, steps = 60) {
  n <- nrow(X[[1]])
  weight <- if (!is.null(frequency)) frequency else if (!is.null(weights)) weights else rep(1, n)
  theta <- precise(start)
  now <- evaluate(loglik, X, theta, weight)
  for (i in seq_len(steps)) {
    step <- drop(scaled_inverse(-now$hessian) %*% asNumeric(now$gradient))
    size <- 1
    repeat {
      trial <- evaluate(loglik, X, theta + size * step, weight)
      if (isTRUE(asNumeric(trial$value - now$value) > -1e-25 * abs(asNumeric(now$value))) || size < 1e-9) break
      size <- size / 2
    }
    theta <- theta + size * step
    now <- trial
    if (max(abs(size * step) / pmax(abs(asNumeric(theta)), 1e-3)) < 1e-18) break
  }
  if (i == steps) stop("no convergence")
  names <- predictor_names(X)
  V <- scaled_inverse(-now$hessian)
  if (any(eigen(-now$hessian / outer(se(-now$hessian), se(-now$hessian)))$values <= 0)) stop("not a maximum")
  dimnames(V) <- list(names, names)
  robust <- if (is.null(frequency)) sandwich_cov(V, now$scores * weight)
            else sandwich_cov(V, now$scores * sqrt(weight))
  clustered <- if (!is.null(cluster)) sandwich_cov(V, now$scores * weight, cluster)
  list(params = setNames(asNumeric(theta), names), cov = V, bse = if (is.null(weights)) se(V), robust = robust, bse_robust = se(robust),
       clustered = clustered, bse_clustered = if (!is.null(clustered)) se(clustered),
       llf = asNumeric(now$value), nobs = sum(if (is.null(frequency)) rep(1, n) else frequency),
       scores = now$scores, rows = asNumeric(now$rows), theta = theta)
}

# "x" for the first predictor, "[name] x" for the others, "[name]" where a predictor is a constant alone.
predictor_names <- function(X) unlist(lapply(seq_along(X), function(k) {
  columns <- colnames(X[[k]])
  if (k == 1) return(columns)
  if (identical(columns, "Intercept")) sprintf("[%s]", names(X)[k]) else sprintf("[%s] %s", names(X)[k], columns)
}))

constant <- function(n) matrix(1, n, 1, dimnames = list(NULL, "Intercept"))

# What every maximum-likelihood case writes (with sampling weights the inverse information is no covariance).
estimates <- function(fit, ...) list(params = fit$params, bse = fit$bse, bse_robust = fit$bse_robust,
  bse_clustered = fit$bse_clustered, cov_params = if (!is.null(fit$bse)) unname(fit$cov), llf = fit$llf, nobs = fit$nobs,
  tolerance = fit$tolerance, ...)

# Stable pieces, for numbers of either kind.
log1mexp <- function(x) log(-expm1(-x))                  # log(1 - exp(-x)), x > 0
log_plogis <- function(x) -log1p(exp(-x))
log_pnorm <- function(x) pnorm(x, log.p = TRUE)
log_dnorm <- function(x) -x^2 / 2 - log(2 * (if (inherits(x, "mpfr")) Const("pi", BITS) else pi)) / 2
log_sum <- function(a, b) { top <- a; low <- b; flip <- (asNumeric(b - a) > 0) %in% TRUE; top[flip] <- b[flip]; low[flip] <- a[flip]
  top + log1p(exp(low - top)) }                          # log(exp(a) + exp(b))

# `x` as numbers of the kind of `model`.
like <- function(x, model) if (inherits(model, "mpfr")) precise(x) else as.numeric(x)

# ---- a whole case -------------------------------------------------------------------------------------------------

# Fit a model of several linear predictors to a table and write its case. `equations` names them with their terms; the first
# one's are those of the formula, and others that are not "1" become options of the call by `options`' names. `loglik(d)`
# gives the row-wise log-likelihood as a function of eta, for numbers of either kind: a derivative-free search in double
# precision finds the start, and `double` makes do with that precision (numerical.R), where `start` may be a list
# of several. `null` are equations of the model without covariates.
row_model <- function(case, estimator, data, outcome, equations, loglik, call = list(), clusters = NULL, rows = NULL,
                      null = NULL, packages = "Rmpfr", start = NULL, peer = NULL, peer_tolerance = 1e-6, left = outcome,
                      tries = 8, double = FALSE, ...) {
  d <- read_data(data)
  if (!is.null(rows)) d <- d[eval(parse(text = rows), d), ]
  column <- function(name) if (!is.null(name)) d[[name]]
  f <- loglik(d)
  w <- c(column(call$frequency), column(call$weights)); if (is.null(w)) w <- rep(1, nrow(d))
  run <- function(equations, start, ...) {
    X <- lapply(equations, function(terms) design(paste("~", terms), d))
    at <- rep(seq_along(X), vapply(X, ncol, 1L))
    units <- function(t) f(setNames(lapply(seq_along(X), function(k) drop(X[[k]] %*% t[at == k])), names(X)))
    if (is.null(start)) start <- rough(function(t) sum(w * units(t)), rep(0, length(at)), tries)
    frequency <- column(call$frequency); weights <- column(call$weights)
    if (double) peak_of(units, if (is.list(start)) start else list(start), predictor_names(X), frequency, weights, ...) else
      maximize(f, X, start, frequency, weights, ...)
  }
  fit <- run(equations, start, cluster = column(clusters))
  out <- estimates(fit, llnull = if (!is.null(null)) run(null, NULL)$llf, agreement = if (!is.null(peer)) agree(peer(d), fit$params, peer_tolerance), ...)
  do.call(figures, c(list(case, estimator, data, c(list(formula = paste(left, "~", equations[[1]])), call), packages, rows = rows,
    clusters = clusters), out))
  invisible(fit)
}

# Starting values by a search in double precision.
rough <- function(objective, start, tries = 6) suppressWarnings({
  for (i in seq_len(tries)) start <- optim(start, function(t) { v <- objective(t); if (is.finite(v)) -v else 1e10 },
    method = if (i %% 2) "BFGS" else "Nelder-Mead", control = list(maxit = 5000, reltol = 1e-14))$par
  start
})
