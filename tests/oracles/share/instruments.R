# Linear instrumental variables of a share: two-stage least squares (AER::ivreg with sandwich), LIML and two-step GMM by
# their matrix formulas; first stages and tests of the instruments.
source("R/figures.R"); suppressMessages({ library(AER); library(sandwich) })

pieces <- function(data, outcome, covariates, endogenous, instruments) {
  d <- read_data(data)
  X <- design(paste("~", covariates), d)
  extra <- design(paste("~", instruments), d)[, -1, drop = FALSE]
  list(d = d, y = d[[outcome]], X = X, Z = cbind(X[, colnames(X) != endogenous], extra), extra = extra, n = nrow(d))
}

fit_2sls <- function(m) {
  fit <- ivreg(m$y ~ m$X - 1 | m$Z - 1)
  bread <- vcov(fit) / summary(fit)$sigma^2
  list(b = coef(fit), residuals = residuals(fit), plain = bread * mean(residuals(fit)^2), robust = sandwich(fit),
    clustered = function(cluster) vcovCL(fit, cluster, type = "HC0", cadjust = FALSE))
}

projected <- function(Z, X) Z %*% qr.coef(qr(Z), X)

fit_liml <- function(m, endogenous) {
  Y <- cbind(m$y, m$X[, endogenous])
  outside <- m$X[, colnames(m$X) != endogenous]
  left <- function(W) crossprod(Y - projected(W, Y))
  kappa <- min(Re(eigen(solve(left(m$Z), left(outside)))$values))
  hat <- m$X - kappa * (m$X - projected(m$Z, m$X))
  A <- solve(crossprod(hat, m$X))
  b <- drop(A %*% crossprod(hat, m$y)); e <- drop(m$y - m$X %*% b)
  list(b = b, plain = mean(e^2) * A, kappa = kappa)
}

fit_gmm <- function(m, first) {
  zx <- crossprod(m$Z, m$X) / m$n; zy <- crossprod(m$Z, m$y) / m$n
  W <- solve(crossprod(m$Z * first) / m$n)
  A <- solve(t(zx) %*% W %*% zx)
  b <- drop(A %*% t(zx) %*% W %*% zy); e <- drop(m$y - m$X %*% b)
  S <- crossprod(m$Z * e) / m$n; g <- zy - zx %*% b
  list(b = b, robust = A %*% t(zx) %*% W %*% S %*% W %*% zx %*% A / m$n, j = m$n * drop(t(g) %*% W %*% g))
}

instruments <- function(case, data, outcome, covariates, endogenous, instruments, clusters) {
  m <- pieces(data, outcome, covariates, endogenous, instruments)
  call <- function(method) list(formula = paste(outcome, "~", covariates), endogenous = endogenous, instruments = instruments, method = method)
  named <- function(x) setNames(x, colnames(m$X))
  put <- function(method, packages, ...) figures(paste0(case, "_", method), "share.IVShare", data, call(method), packages, ...)
  two <- fit_2sls(m)
  q <- ncol(m$extra); more <- q - 1
  stage <- lm(m$X[, endogenous] ~ m$Z - 1); short <- lm(m$X[, endogenous] ~ m$X[, colnames(m$X) != endogenous] - 1)
  sargan <- m$n * sum(projected(m$Z, two$residuals)^2) / sum(two$residuals^2)
  put("2sls", c("AER", "sandwich"), clusters = clusters, params = named(two$b), bse = named(se(two$plain)), bse_robust = named(se(two$robust)),
    bse_clustered = named(se(two$clustered(m$d[[clusters]]))),
    checks = c(list(first_stage_rsquared = summary(lm(m$X[, endogenous] ~ m$Z[, -1]))$r.squared,
      partial_rsquared = 1 - deviance(stage) / deviance(short)), if (more > 0) list(sargan = sargan)))
  liml <- fit_liml(m, endogenous)
  put("liml", "stats", params = named(liml$b), bse = named(se(liml$plain)), checks = list(kappa = liml$kappa))
  gmm <- fit_gmm(m, two$residuals)
  put("gmm", "AER", params = named(gmm$b), bse_robust = named(se(gmm$robust)), checks = if (more > 0) list(j = gmm$j))
}

instruments("iv_schools", "schools", "english", "income + expenditure", "expenditure", "logstudents + grades", "county")
instruments("iv_districts", "districts", "lunch", "income + expenditure", "expenditure", "ratio + special", "region")
