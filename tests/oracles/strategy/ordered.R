# Ordered models (ordinal::clm): thresholds and one predictor, effects that differ by threshold, Brant's test.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")
suppressMessages(library(ordinal))

inverse <- list(logit = plogis, probit = pnorm)

# Row-wise log-likelihood in theta = (slopes, cuts, slopes that differ threshold by threshold).
ordered_units <- function(y, X, N, link) {
  J <- max(y) - 1
  function(theta) {
    b <- theta[seq_len(ncol(X))]; cut <- theta[ncol(X) + seq_len(J)]
    g <- if (ncol(N)) matrix(theta[-seq_len(ncol(X) + J)], J, ncol(N), byrow = TRUE) else matrix(0, J, 0)
    ends <- sapply(seq_len(J), function(j) cut[j] - drop(X %*% b) - drop(N %*% g[j, ]))
    ends <- cbind(-Inf, matrix(ends, length(y)), Inf)
    at <- cbind(seq_along(y), y)
    low <- ends[at]; high <- ends[cbind(seq_along(y), y + 1)]
    flip <- low > 0
    P <- inverse[[link]]
    log(ifelse(flip, P(-low) - P(-high), P(high) - P(low)))
  }
}

# With numbers as levels they are 1, 2, ...; brant: chi-squared of all covariates and of each.
ordered_case <- function(case, data, outcome, covariates, link, clusters = NULL, nonparallel = NULL, brant = FALSE, ...) {
  options <- list(...)
  d <- read_data(data)
  y <- d[[outcome]]
  d$level <- factor(y)
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  N <- if (is.null(nonparallel)) matrix(0, nrow(d), 0) else design(paste("~", nonparallel), d)[, -1, drop = FALSE]
  column <- function(name) if (!is.null(name)) d[[name]]
  w <- c(column(options$frequency), column(options$weights)); if (is.null(w)) w <- rep(1, nrow(d))
  d$case_weight <- w
  peer <- do.call(clm, list(as.formula(paste("level ~", covariates)), data = d, link = link, weights = quote(case_weight),
    nominal = as.formula(paste("~", if (is.null(nonparallel)) "1" else nonparallel)),
    control = clm.control(gradTol = 1e-12, maxIter = 500)))
  gaps <- paste(head(levels(d$level), -1), tail(levels(d$level), -1), sep = "|")
  J <- length(gaps)
  names <- c(colnames(X), sprintf("[cut] %s", gaps), if (ncol(N)) as.vector(t(outer(sprintf("[%s]", gaps), colnames(N), paste))))
  # clm adds a nominal effect to the threshold, with the sign of a threshold
  first <- c(peer$beta, peer$alpha[seq_len(J)], if (ncol(N)) -as.vector(t(matrix(peer$alpha[-seq_len(J)], J))))
  fit <- peak(ordered_units(as.integer(d$level), X, N, link), unname(first), names, frequency = column(options$frequency),
    weights = column(options$weights), cluster = column(clusters))
  p <- tapply(w, d$level, sum) / sum(w)
  out <- estimates(fit, llnull = sum(w * log(p[as.character(d$level)])), agreement_with_clm = agree(first, fit$params, 1e-7))
  if (brant) out$brant <- brant_figures(d$level, X, link, w)
  call <- c(list(formula = paste(outcome, "~", covariates)), if (!is.null(nonparallel)) list(nonparallel = nonparallel), options)
  do.call(figures, c(list(case, c(logit = "strategy.OrderedLogit", probit = "strategy.OrderedProbit")[[link]], data, call,
    c("ordinal", "numDeriv"), clusters = clusters), out))
}

brant_figures <- function(level, X, link, w) {
  J <- nlevels(level) - 1; p <- ncol(X); Z <- cbind(1, X)
  fits <- lapply(seq_len(J), function(j) suppressWarnings(glm.fit(Z, as.numeric(as.integer(level) > j), w, family = quasibinomial(link),
    control = list(epsilon = 1e-15, maxit = 200))))
  f <- quasibinomial(link)
  eta <- lapply(fits, function(m) drop(Z %*% m$coefficients))
  P <- lapply(eta, f$linkinv); d <- Map(function(e, q) f$mu.eta(e) / (q * (1 - q)), eta, P)
  info <- function(j, l) crossprod(Z, Z * (w * d[[j]] * d[[l]] * (P[[max(j, l)]] - P[[j]] * P[[l]])))
  V <- matrix(0, J * p, J * p)
  for (j in 1:J) for (l in 1:J) V[(j - 1) * p + 1:p, (l - 1) * p + 1:p] <- (solve(info(j, j)) %*% info(j, l) %*% solve(info(l, l)))[-1, -1]
  b <- unlist(lapply(fits, function(m) m$coefficients[-1]))
  test <- function(k) { D <- do.call(rbind, lapply(2:J, function(j) t(sapply(k, function(i) { r <- rep(0, J * p); r[i] <- 1; r[(j - 1) * p + i] <- -1; r }))))
    v <- D %*% b; list(chi2 = sum(v * solve(D %*% V %*% t(D), v)), df = length(v)) }
  c(list(all = test(seq_len(p))), setNames(lapply(seq_len(p), test), colnames(X)))
}

for (link in c("logit", "probit")) {
  ordered_case(paste0("ordered_wine_", link), "wine", "rating", "temp + contact", link, clusters = "judge")
  ordered_case(paste0("ordered_housing_", link), "housing", "sat", "infl + type + cont", link, frequency = "freq", brant = TRUE)
  ordered_case(paste0("ordered_housing_weights_", link), "housing", "sat", "infl + type + cont", link, clusters = "type", weights = "freq")
  ordered_case(paste0("ordered_backpain_", link), "backpain", "pain", "x1 + x2 + x3", link)
  ordered_case(paste0("ordered_housing_nonparallel_", link), "housing", "sat", "infl + type", link, nonparallel = "cont", frequency = "freq")
}
