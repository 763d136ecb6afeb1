# Multinomial logit (nnet::multinom, polished) and with Jeffreys' penalty (brglm2::brmultinom): the first level is the base.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")
suppressMessages({ library(nnet); library(brglm2) })

softmax_units <- function(y, X) {
  J <- nlevels(y) - 1
  at <- cbind(seq_along(y), as.integer(y))
  function(theta) {
    eta <- cbind(0, X %*% matrix(theta, ncol(X), J))
    top <- do.call(pmax, as.data.frame(eta))
    eta[at] - top - log(rowSums(exp(eta - top)))
  }
}

# The information of the coefficients, level by level.
softmax_information <- function(X, w, theta, levels) {
  P <- exp(cbind(0, X %*% matrix(theta, ncol(X), levels - 1)))
  P <- (P / rowSums(P))[, -1, drop = FALSE]
  do.call(rbind, lapply(seq_len(levels - 1), function(j) do.call(cbind, lapply(seq_len(levels - 1), function(k)
    crossprod(X, X * (w * P[, j] * ((j == k) - P[, k])))))))
}

multinomial <- function(case, data, outcome, covariates, clusters = NULL, penalty = NULL, ...) {
  options <- list(...)
  d <- read_data(data)
  y <- factor(as.character(d[[outcome]]))
  X <- design(paste("~", covariates), d)
  column <- function(name) if (!is.null(name)) d[[name]]
  w <- c(column(options$frequency), column(options$weights)); if (is.null(w)) w <- rep(1, nrow(d))
  names <- as.vector(outer(colnames(X), levels(y)[-1], function(x, l) sprintf("[%s] %s", l, x)))
  share <- tapply(w, y, sum) / sum(w)
  call <- c(list(formula = paste(outcome, "~", covariates)), if (!is.null(penalty)) list(penalty = penalty), options)
  if (is.null(penalty)) {
    peer <- multinom(y ~ X - 1, weights = w, reltol = 1e-15, abstol = 1e-15, maxit = 5000, trace = FALSE)
    first <- as.vector(t(coef(peer)))
    fit <- peak(softmax_units(y, X), first, names, frequency = column(options$frequency), weights = column(options$weights),
      cluster = column(clusters))
    out <- estimates(fit, llnull = sum(w * log(share[as.character(y)])), agreement_with_nnet = agree(first, fit$params, 1e-4))
  } else {
    plain <- softmax_units(y, X)
    fit <- peak(function(theta) sum(w * plain(theta)) + as.numeric(determinant(softmax_information(X, w, theta, nlevels(y)))$modulus) / 2,
      rep(0, length(names)), names)
    z <- X[, -1, drop = FALSE]
    peer <- brmultinom(y ~ z, weights = w, ref = 1, type = "AS_mean", epsilon = 1e-8, maxit = 500)
    V <- solve(softmax_information(X, w, fit$params, nlevels(y)))
    out <- list(params = fit$params, bse = setNames(se(V), names), cov_params = unname(V), nobs = sum(w), llf = sum(w * plain(fit$params)),
      penalized_llf = fit$llf, agreement_with_brglm2 = agree(as.vector(t(coef(peer))), fit$params, 1e-5))
  }
  do.call(figures, c(list(case, "strategy.MultinomialLogit", data, call, c(if (is.null(penalty)) "nnet" else "brglm2", "numDeriv"),
    clusters = clusters), out))
}

multinomial("multinomial_vote92", "vote92", "vote", "dem + rep + female + persfinance + natlecon")
multinomial("multinomial_housing", "housing", "type", "infl + cont", frequency = "freq")
multinomial("multinomial_birthwt_weights", "birthwt", "race", "age + lwt + smoke", clusters = "ward", weights = "weight")
multinomial("multinomial_penalized_bankjobs", "bankjobs", "job", "education + gender + minority", penalty = "jeffreys")
multinomial("multinomial_penalized_housing", "housing", "type", "infl + cont", penalty = "jeffreys", frequency = "freq")
