# Control functions: least squares of the endogenous covariate, then a fractional regression (stats::glm, polished in high
# precision) with its residual. Errors are those of both steps' moments stacked, with a numerical Jacobian.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")
suppressMessages(library(numDeriv))

slope <- list(probit = function(y, e) (y - pnorm(e)) * dnorm(e) / (pnorm(e) * pnorm(-e)), logit = function(y, e) y - plogis(e))

control <- function(case, data, outcome, covariates, endogenous, instruments, link = "probit", clusters = NULL) {
  d <- read_data(data)
  y <- d[[outcome]]; X <- design(paste("~", covariates), d)
  moved <- X[, endogenous]
  W <- cbind(X[, colnames(X) != endogenous], design(paste("~", instruments), d)[, -1, drop = FALSE])
  first <- lm.fit(W, moved)
  both <- function(v) `colnames<-`(cbind(X, v), c(colnames(X), sprintf("[control] %s", endogenous)))
  fit <- fit_binary(y, both(first$residuals), link)
  k <- ncol(X) + 1; place <- seq_len(k)
  moments <- function(theta) { v <- drop(moved - W %*% theta[-place]); Z <- both(v)
    cbind(Z * slope[[link]](y, drop(Z %*% theta[place])), W * v) }
  theta <- c(fit$params, first$coefficients)
  size <- pmax(abs(theta), 1e-3)
  J <- jacobian(function(u) colSums(moments(theta + size * u)), 0 * theta, method.args = list(eps = 1e-3, r = 6))
  A <- solve(-sweep(J, 2, size, "/"), tol = 0)
  own <- function(cluster) { B <- crossprod(by_cluster(moments(theta), cluster)); se((A %*% B %*% t(A))[place, place]) }
  bread <- fit$cov
  through <- A[place, -place, drop = FALSE]
  plain <- se(bread + mean(first$residuals^2) * through %*% crossprod(W) %*% t(through))
  name <- function(x) setNames(x, names(fit$params))
  figures(case, "share.ControlFractional", data, list(formula = paste(outcome, "~", covariates), endogenous = endogenous,
    instruments = instruments, link = link), c("stats", "Rmpfr", "numDeriv"), clusters = clusters, params = fit$params, bse = name(plain),
    bse_robust = name(own(seq_along(y))), bse_clustered = if (!is.null(clusters)) name(own(d[[clusters]])),
    tolerance = list(value = 2e-7, reason = "the Jacobian of the stacked moments is an extrapolated difference in double precision"))
}

control("control_schools_probit", "schools", "english", "income + expenditure", "expenditure", "logstudents + grades", clusters = "county")
control("control_schools_logit", "schools", "lunch", "income + calworks", "calworks", "logstudents", "logit", clusters = "county")
control("control_districts_probit", "districts", "lunch", "income + expenditure", "expenditure", "ratio + special", clusters = "region")
