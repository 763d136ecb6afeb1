# Logit, probit and complementary log-log (stats::glm, polished in high precision): weights of both kinds, clusters, tests.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")

binary <- function(case, link, data, outcome, covariates, clusters = NULL, drop = NULL, ...) {
  options <- list(...)
  d <- read_data(data)
  y <- d[[outcome]]
  column <- function(name) if (!is.null(options[[name]])) d[[options[[name]]]]
  fit_with <- function(covariates) fit_binary(y, design(paste("~", covariates), d), link, frequency = column("frequency"),
    weights = column("weights"), cluster = if (!is.null(clusters)) d[[clusters]])
  fit <- fit_with(covariates)
  w <- column("frequency"); if (is.null(w)) w <- column("weights"); if (is.null(w)) w <- rep(1, length(y))
  X <- design(paste("~", covariates), d)
  eta <- drop(X %*% fit$params)
  p <- binomial(link)$linkinv(eta)
  out <- estimates(fit, llnull = null_binary(y, link, w), agreement_with_glm = fit$agreement,
    mean_head = I(p[1:5]), mean_head_se = I((binomial(link)$mu.eta(eta) * sqrt(rowSums((X %*% fit$cov) * X)))[1:5]))
  if (!is.null(options$weights)) out$mean_head_se <- NULL
  if (!is.null(drop)) {                     # tests that the coefficients of `drop` are zero
    kept <- setdiff(strsplit(covariates, " + ", fixed = TRUE)[[1]], drop)
    small <- fit_with(paste(kept, collapse = " + "))
    gone <- setdiff(names(fit$params), names(small$params))
    wald <- function(V) { b <- fit$params[gone]; sum(b * solve(V[gone, gone], b)) }
    df <- length(gone)
    p_of <- function(x) pchisq(x, df, lower.tail = FALSE)
    tests <- list(dropped = I(gone), restricted = paste(outcome, "~", paste(kept, collapse = " + ")), df = df, lr = 2 * (fit$llf - small$llf), wald = wald(fit$cov), wald_robust = wald(fit$robust))
    if (!is.null(clusters)) tests$wald_clustered <- wald(fit$clustered)
    tests$lr_pvalue <- p_of(tests$lr); tests$wald_pvalue <- p_of(tests$wald)
    out$tests <- tests
  }
  name <- c(logit = "Logit", probit = "Probit", cloglog = "CLogLog")[[link]]
  do.call(figures, c(list(case, paste0("strategy.", name), data, c(list(formula = paste(outcome, "~", covariates)), options),
    c("stats", "Rmpfr")), list(clusters = clusters), out))
}

for (link in c("logit", "probit", "cloglog")) {
  binary(paste0("binary_birthwt_", link), link, "birthwt", "low", "age + lwt + race + smoke + ptl + ht + ui", "ward", drop = c("race", "smoke"))
  binary(paste0("binary_birthwt_frequency_", link), link, "birthwt", "low", "age + lwt + race + smoke", "ward", drop = "race", frequency = "repeats")
  binary(paste0("binary_birthwt_weights_", link), link, "birthwt", "low", "age + lwt + race + smoke", "ward", weights = "weight")
  binary(paste0("binary_swiss_", link), link, "swiss", "work", "income + age + age2 + education + youngkids + oldkids + foreign", drop = "education")
  binary(paste0("binary_bacteria_", link), link, "bacteria", "present", "week + trt", "id", drop = "trt")
}
