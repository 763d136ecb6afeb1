# Ordered logit and probit with Jeffreys' penalty, half the log determinant of the expected information, by an independent
# likelihood: no program of Debian has it. Standard errors are of that information, without the penalty.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")

distribution <- list(logit = plogis, probit = pnorm)
density <- list(logit = dlogis, probit = dnorm)

# Probabilities of the levels (n, J + 1) and their derivatives in the coefficients (n, J + 1, p + J).
levels_of <- function(X, J, link) function(theta) {
  p <- ncol(X)
  ends <- outer(-drop(X %*% theta[seq_len(p)]), theta[p + seq_len(J)], `+`)
  f <- cbind(0, density[[link]](ends), 0)
  P <- distribution[[link]]
  up <- cbind(ends, Inf); low <- cbind(-Inf, ends); flip <- low > 0
  chance <- ifelse(flip, P(-low) - P(-up), P(up) - P(low))
  slope <- array(0, c(nrow(X), J + 1, p + J))
  for (j in seq_len(J + 1)) {
    slope[, j, seq_len(p)] <- -X * (f[, j + 1] - f[, j])
    if (j <= J) slope[, j, p + j] <- f[, j + 1]
    if (j > 1) slope[, j, p + j - 1] <- -f[, j]
  }
  list(chance = chance, slope = slope)
}

information <- function(now, w) Reduce(`+`, lapply(seq_len(ncol(now$chance)), function(j)
  crossprod(now$slope[, j, ], now$slope[, j, ] * (w / now$chance[, j]))))

penalized <- function(case, data, outcome, covariates, link, frequency = NULL) {
  d <- read_data(data)
  level <- factor(d[[outcome]])
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  J <- nlevels(level) - 1
  w <- if (is.null(frequency)) rep(1, nrow(d)) else d[[frequency]]
  at <- cbind(seq_along(level), as.integer(level))
  all <- levels_of(X, J, link)
  plain <- function(theta) sum(w * log(all(theta)$chance[at]))
  shares <- cumsum(tapply(w, level, sum))[seq_len(J)] / sum(w)
  first <- c(rep(0, ncol(X)), list(logit = qlogis, probit = qnorm)[[link]](shares))
  gaps <- paste(head(levels(level), -1), tail(levels(level), -1), sep = "|")
  names <- c(colnames(X), sprintf("[cut] %s", gaps))
  fit <- peak(function(theta) plain(theta) + as.numeric(determinant(information(all(theta), w))$modulus) / 2, unname(first), names)
  V <- solve(information(all(fit$params), w))
  figures(paste0("ordered_penalized_", case, "_", link), c(logit = "strategy.OrderedLogit", probit = "strategy.OrderedProbit")[[link]],
    data, c(list(formula = paste(outcome, "~", covariates), penalty = "jeffreys"), if (!is.null(frequency)) list(frequency = frequency)),
    "numDeriv", params = fit$params, bse = setNames(se(V), names), cov_params = unname(V), llf = plain(fit$params),
    penalized_llf = fit$llf, nobs = sum(w), tolerance = fit$tolerance)
}

for (link in c("logit", "probit")) {
  penalized("wine", "wine", "rating", "temp + contact", link)
  penalized("backpain", "backpain", "pain", "x1 + x2 + x3", link)
  penalized("housing", "housing", "sat", "infl + type + cont", link, frequency = "freq")
}
