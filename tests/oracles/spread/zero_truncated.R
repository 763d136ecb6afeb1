# Zero-truncated counts (VGAM::vglm with pospoisson and posnegbinomial, polished in high precision).
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R")
suppressMessages(library(VGAM))

truncated <- function(case, data, outcome, covariates, dist, clusters = NULL, alpha = NULL, ...) {
  options <- list(...)
  d <- read_data(data)
  d <- d[d[[outcome]] > 0, ]
  y <- d[[outcome]]
  X <- design(paste("~", covariates), d)
  Z <- if (is.null(alpha)) constant(length(y)) else design(paste("~", alpha), d)
  column <- function(name) if (!is.null(options[[name]])) d[[options[[name]]]]
  w <- column("frequency"); if (is.null(w)) w <- column("weights"); if (is.null(w)) w <- rep(1, length(y))
  frame <- cbind(d, case_weight = w)
  formula <- as.formula(paste(outcome, "~", covariates))
  zero <- rep(0, length(y))
  designs <- c(list(log_mean = X), if (dist == "nb2") list(log_alpha = Z))
  if (dist == "poisson") {
    start <- peer <- coef(vglm(formula, pospoisson(), frame, weights = case_weight, epsilon = 1e-13, maxit = 200))
  } else {
    p <- ncol(X)
    objective <- function(t) {
      m <- exp(drop(X %*% t[1:p])); a <- exp(drop(Z %*% t[-(1:p)]))
      sum(w * (double_nb2(y, m, a) - log(-expm1(-log1p(a * m) / a))))
    }
    first <- glm.fit(X, y, w, family = poisson())$coefficients
    start <- rough(objective, c(first, rep(0, ncol(Z))))
  }
  loglik <- function(eta) {
    at_zero <- counts[[dist]](zero, eta)
    counts[[dist]](y, eta) - log1mexp(-at_zero)
  }
  fit <- maximize(loglik, designs, unname(start), frequency = column("frequency"), weights = column("weights"),
    cluster = if (!is.null(clusters)) d[[clusters]])
  null <- maximize(loglik, c(list(log_mean = constant(length(y))), if (dist != "poisson") list(log_alpha = constant(length(y)))),
    c(log(weighted.mean(y, w)) - 0.2, if (dist != "poisson") 0), frequency = column("frequency"), weights = column("weights"))
  gap <- if (dist == "poisson") agree(peer, fit$params) else if (is.null(alpha)) {
    peer <- coef(vglm(formula, posnegbinomial(), frame, weights = case_weight, epsilon = 1e-11, maxit = 500))
    agree(c(peer[-2], -peer[2]), fit$params, 1e-3)     # VGAM's second is the log of the size 1/alpha
  }
  m <- exp(drop(X %*% fit$params[seq_len(ncol(X))]))
  p0 <- if (dist == "poisson") exp(-m) else { a <- exp(drop(Z %*% fit$params[-seq_len(ncol(X))])); (1 + a * m)^(-1 / a) }
  out <- estimates(fit, llnull = null$llf, mean_head = I((m / (1 - p0))[1:5]), agreement_with_VGAM = gap)
  call <- c(list(formula = paste(outcome, "~", covariates), dist = dist), if (!is.null(alpha)) list(alpha = paste("~", alpha)), options)
  do.call(figures, c(list(case, "spread.ZeroTruncated", data, call, c("VGAM", "Rmpfr"), rows = paste(outcome, "> 0")),
    list(clusters = clusters), out))
}

for (dist in c("poisson", "nb2")) {
  truncated(paste0("truncated_biochemists_", dist), "biochemists", "art", "fem + mar + kid5 + phd + ment", dist, "lab")
  truncated(paste0("truncated_biochemists_frequency_", dist), "biochemists", "art", "fem + kid5 + ment", dist, "lab", frequency = "repeats")
  truncated(paste0("truncated_biochemists_weights_", dist), "biochemists", "art", "fem + kid5 + ment", dist, "lab", weights = "repeats")
  truncated(paste0("truncated_quine_", dist), "quine", "days", "eth + sex + age + lrn", dist)
  truncated(paste0("truncated_recreation_", dist), "recreation", "trips", "quality + ski + income + userfee + costC + costS + costH", dist)
}
truncated("truncated_biochemists_alpha_nb2", "biochemists", "art", "fem + kid5 + ment", "nb2", "lab", alpha = "ment")
