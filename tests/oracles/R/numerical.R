# Maximum likelihood in double precision, for log-likelihoods of any form, given unit by unit (a firm, a choice set, a
# cluster). Derivatives are Richardson-extrapolated differences (numDeriv) in coordinates of about one standard error, good
# to about nine digits; the maximum is where the Newton step is below 1e-9 standard errors.

suppressMessages(library(numDeriv))

# `units(theta)` gives each unit's log-likelihood; the rest as in maximize() of likelihood.R.
peak <- function(units, start, names = names(start), frequency = NULL, weights = NULL, cluster = NULL, steps = 50) {
  first <- units(start)
  n <- length(first)
  weight <- if (!is.null(frequency)) frequency else if (!is.null(weights)) weights else rep(1, n)
  total <- function(theta) { v <- sum(weight * units(theta)); if (is.finite(v)) v else -1e300 }
  theta <- start
  suppressWarnings(for (i in 1:3) theta <- optim(theta, function(t) -total(t), method = if (i == 2) "Nelder-Mead" else "BFGS",
    control = list(maxit = 3000, reltol = 1e-15))$par)
  scale <- rep(1e-2, length(theta))
  for (i in seq_len(steps)) {
    at <- function(u) total(theta + scale * u)
    zero <- rep(0, length(theta))
    g <- grad(at, zero, method.args = list(eps = 0.1, r = 4))
    H <- hessian(at, zero, method.args = list(eps = 0.1, r = 4))
    V <- solve(-H, tol = 0) * outer(scale, scale)
    if (any(diag(V) <= 0)) stop("not a maximum: ", paste(signif(theta, 4), collapse = " "))
    step <- drop(V %*% (g / scale))
    size <- 1
    while (size > 1e-6 && total(theta + size * step) < total(theta) - 1e-9 * abs(total(theta))) size <- size / 2
    theta <- theta + size * step
    small <- max(abs(step) / sqrt(diag(V))) < 1e-9 && max(abs(log(scale / sqrt(diag(V))))) < 0.5
    scale <- sqrt(diag(V))
    if (small) break
  }
  if (!small) stop("no convergence")
  scores <- sweep(jacobian(function(u) units(theta + scale * u), zero, method.args = list(eps = 0.1, r = 4)), 2, scale, "/")
  dimnames(V) <- list(names, names)
  robust <- sandwich_cov(V, scores * (if (is.null(frequency)) weight else sqrt(weight)))
  clustered <- if (!is.null(cluster)) sandwich_cov(V, scores * weight, cluster)
  list(params = setNames(theta, names), cov = V, bse = if (is.null(weights)) se(V), robust = robust, bse_robust = se(robust),
    clustered = clustered, bse_clustered = if (!is.null(clustered)) se(clustered), llf = total(theta),
    nobs = sum(if (is.null(frequency)) rep(1, n) else frequency), scores = scores,
    tolerance = list(value = 2e-7, reason = "derivatives are extrapolated differences in double precision"))
}

# The highest maximum found from several starts, for likelihoods that have more than one.
peak_of <- function(units, starts, ...) {
  fits <- lapply(starts, function(start) tryCatch(peak(units, start, ...), error = function(e) NULL))
  heights <- vapply(fits, function(fit) if (is.null(fit)) -Inf else fit$llf, 0)
  if (all(is.infinite(heights))) stop("no maximum from any start")
  fits[[which.max(heights)]]
}
