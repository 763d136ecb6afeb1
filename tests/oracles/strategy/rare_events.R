# Logit for rare events by King and Zeng's formulas on stats::glm: bias correction, covariance shrunk, and the intercept
# moved to the share of the population.
source("R/figures.R"); source("R/likelihood.R")

rare <- function(case, data, outcome, covariates, share = NULL, frequency = NULL) {
  d <- read_data(data)
  y <- d[[outcome]]
  X <- design(paste("~", covariates), d)
  w <- if (is.null(frequency)) rep(1, nrow(d)) else d[[frequency]]
  fit <- glm.fit(X, y, w, family = binomial(), control = list(epsilon = 1e-15, maxit = 100))
  p <- fit$fitted.values; W <- w * p * (1 - p)
  V <- scaled_inverse(crossprod(X, X * W))
  # the bias is the coefficient of the weighted regression of xi on X
  xi <- diag(X %*% V %*% t(X)) * (p - 0.5)
  bias <- lm.wfit(X, xi, W)$coefficients
  b <- fit$coefficients - bias
  if (!is.null(share)) b[["Intercept"]] <- b[["Intercept"]] - log((1 - share) / share * weighted.mean(y, w) / (1 - weighted.mean(y, w)))
  n <- sum(w); k <- ncol(X)
  V <- V * (n / (n + k))^2
  figures(paste0("rare_events_", case), "strategy.RareEventsLogit", data, c(list(formula = paste(outcome, "~", covariates)),
    if (!is.null(share)) list(share = share), if (!is.null(frequency)) list(frequency = frequency)), "stats",
    params = setNames(b, colnames(X)), bse = setNames(se(V), colnames(X)), cov_params = unname(V), nobs = n,
    llf = sum(w * ifelse(y == 1, log(p), log1p(-p))))
}
rare("birthwt", "birthwt", "low", "age + lwt + race + smoke")
rare("birthwt_share", "birthwt", "low", "age + lwt + smoke", share = 0.05)
rare("birthwt_frequency", "birthwt", "low", "age + lwt + smoke", share = 0.1, frequency = "repeats")
rare("bacteria", "bacteria", "present", "week + trt", share = 0.9)
