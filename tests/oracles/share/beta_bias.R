# Beta regression with its bias corrected or reduced (Kosmidis and Firth, 2009), by brute force: the likelihood of a row is
# typed once, its derivatives are numerical, and the expectations in the adjustment of the score are integrals over y. Nothing
# is taken from the cumulants of the beta law.
source("R/figures.R"); source("R/likelihood.R")
suppressMessages(library(numDeriv))

# Nodes on the scale of log-odds, on which densities of shares are smooth and the rule of equal steps is exact to rounding.
odds <- seq(-60, 60, by = 0.05)
log_share <- plogis(odds, log.p = TRUE); log_rest <- plogis(-odds, log.p = TRUE)
density_of <- function(eta) { m <- plogis(eta[1]); f <- exp(eta[2])
  lgamma(f) - lgamma(m * f) - lgamma((1 - m) * f) + (m * f - 1) * log_share + ((1 - m) * f - 1) * log_rest }

# Of one row with predictors eta: E(u u'), and E(u_a u_b u_c + h_ab u_c) for all a, b, c.
expectations <- function(eta) {
  step <- 1e-3
  at <- function(da, db) density_of(eta + step * c(da, db))
  u <- cbind((at(-2, 0) - 8 * at(-1, 0) + 8 * at(1, 0) - at(2, 0)), (at(0, -2) - 8 * at(0, -1) + 8 * at(0, 1) - at(0, 2))) / (12 * step)
  bend <- function(d) (-at(-2 * d[1], -2 * d[2]) + 16 * at(-d[1], -d[2]) - 30 * at(0, 0) + 16 * at(d[1], d[2]) - at(2 * d[1], 2 * d[2])) / (12 * step^2)
  aa <- bend(c(1, 0)); bb <- bend(c(0, 1)); ab <- (bend(c(1, 1)) - aa - bb) / 2
  h <- list(list(aa, ab), list(ab, bb))
  w <- exp(density_of(eta) + log_share + log_rest) * 0.05
  third <- array(0, c(2, 2, 2))
  for (a in 1:2) for (b in 1:2) for (c in 1:2) third[a, b, c] <- sum(w * (u[, a] * u[, b] + h[[a]][[b]]) * u[, c])
  list(information = crossprod(u, w * u), third = third, total = sum(w))
}

adjusted <- function(y, X, Z, theta) {
  p <- ncol(X); q <- ncol(Z)
  rows <- lapply(seq_along(y), function(i) expectations(c(sum(X[i, ] * theta[1:p]), sum(Z[i, ] * theta[-(1:p)]))))
  stopifnot(max(abs(vapply(rows, `[[`, 0, "total") - 1)) < 1e-11)
  D <- lapply(seq_along(y), function(i) rbind(c(X[i, ], rep(0, q)), c(rep(0, p), Z[i, ])))
  information <- Reduce(`+`, Map(function(r, d) t(d) %*% r$information %*% d, rows, D))
  V <- solve(information)
  pull <- Reduce(`+`, Map(function(r, d) { S <- d %*% V %*% t(d)
    drop(t(d) %*% vapply(1:2, function(c) sum(S * r$third[, , c]) / 2, 0)) }, rows, D))
  list(information = information, pull = pull, V = V)
}

bias_case <- function(case, data, outcome, covariates, bias, precision = "1", rows = NULL) {
  d <- read_data(data); if (!is.null(rows)) d <- d[eval(parse(text = rows), d), ]
  y <- d[[outcome]]; X <- design(paste("~", covariates), d); Z <- design(paste("~", precision), d)
  p <- ncol(X)
  loglik <- function(t) { m <- plogis(drop(X %*% t[1:p])); f <- exp(drop(Z %*% t[-(1:p)])); sum(dbeta(y, m * f, (1 - m) * f, log = TRUE)) }
  law <- function(eta) { m <- exp(log_plogis(eta[[1]])); f <- exp(eta[[2]]); s <- like(y, eta[[1]])
    lgamma(f) - lgamma(m * f) - lgamma((1 - m) * f) + (m * f - 1) * log(s) + ((1 - m) * f - 1) * log(1 - s) }
  fit <- maximize(law, list(mean = X, log_precision = Z), rough(loglik, c(qr.coef(qr(X), qlogis(y)), 2, rep(0, ncol(Z) - 1))))
  theta <- unname(fit$params)
  if (bias == "correct") { a <- adjusted(y, X, Z, theta); theta <- theta + drop(a$V %*% a$pull) } else repeat {
    a <- adjusted(y, X, Z, theta)
    move <- drop(a$V %*% (grad(loglik, theta, method.args = list(eps = 1e-3, r = 6)) + a$pull))
    theta <- theta + move
    if (max(abs(move) / sqrt(diag(a$V))) < 1e-9) break
  }
  V <- adjusted(y, X, Z, theta)$V
  figures(case, "share.Beta", data, c(list(formula = paste(outcome, "~", covariates)), if (precision != "1") list(precision = precision), list(bias = bias)),
    c("Rmpfr", "numDeriv"), rows = rows, params = setNames(theta, names(fit$params)), bse = setNames(se(V), names(fit$params)), llf = loglik(theta),
    tolerance = list(value = 2e-7, reason = "expectations of numerical derivatives, integrated in double precision"))
}

for (bias in c("correct", "reduce")) {
  bias_case(paste0("beta_bias_petrol_", bias), "petrol", "share", "temp + gravity", bias)
  bias_case(paste0("beta_bias_petrol_precision_", bias), "petrol", "share", "temp", bias, precision = "temp")
  bias_case(paste0("beta_bias_districts_", bias), "districts", "special", "income", bias, rows = "english > 0.05")
}
