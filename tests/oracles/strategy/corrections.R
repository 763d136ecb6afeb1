# Firth's logit with probabilities that average to the observed share: FLIC (the intercept again, by maximum likelihood) and
# FLAC (pseudo-observations with an intercept of their own), from brglm2's estimate and stats::glm.
source("R/figures.R")
suppressMessages(library(brglm2))

corrected <- function(case, data, outcome, covariates) {
  d <- read_data(data); y <- d[[outcome]]; X <- design(paste("~", covariates), d)
  firth <- glm(y ~ X - 1, binomial, method = "brglmFit", type = "AS_mean", epsilon = 1e-13, maxit = 1000)
  b <- unname(coef(firth)); eta <- drop(X %*% b)
  tight <- list(epsilon = 1e-15, maxit = 200)
  shift <- glm.fit(matrix(1, nrow(X), 1), y, offset = eta - b[1], family = binomial(), control = tight)$coefficients
  W <- plogis(eta) * plogis(-eta)
  hat <- rowSums((X %*% solve(crossprod(X, X * W))) * X) * W
  again <- suppressWarnings(glm.fit(cbind(rbind(X, X, X), rep(0:1, c(nrow(X), 2 * nrow(X)))), c(y, y, 1 - y), c(rep(1, nrow(X)), hat / 2, hat / 2),
    family = binomial(), control = tight))$coefficients[seq_len(ncol(X))]
  for (kind in c("flic", "flac")) figures(paste0(case, "_", kind), "strategy.FirthLogit", data,
    list(formula = paste(outcome, "~", covariates), correction = kind), c("brglm2", "stats"),
    params = setNames(if (kind == "flic") c(shift, b[-1]) else unname(again), colnames(X)), nobs = nrow(X))
}
corrected("firth_endometrial", "endometrial", "hg", "nv + pi + eh")
corrected("firth_birthwt", "birthwt", "low", "age + lwt + race + smoke")
