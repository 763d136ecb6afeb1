# Two-part models by independent likelihoods (the participation part is stats::glm's): fractional, beta and truncated
# normal second parts; Cragg's hurdle is probit and truncated.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R"); source("R/numerical.R")

log_distribution <- list(logit = function(e) plogis(e, log.p = TRUE), probit = function(e) pnorm(e, log.p = TRUE))
second <- list(
  fractional = function(y, eta) y * plogis(eta$mean, log.p = TRUE) + (1 - y) * plogis(-eta$mean, log.p = TRUE),
  beta = function(y, eta) { m <- plogis(eta$mean); f <- exp(eta$log_precision); dbeta(y, m * f, (1 - m) * f, log = TRUE) },
  truncated = function(y, eta) { s <- exp(eta$log_scale); dnorm(y, eta$mean, s, log = TRUE) - pnorm(eta$mean / s, log.p = TRUE) })

two_part <- function(case, data, outcome, covariates, participate, dist, participation = "logit", clusters = NULL, ...) {
  extra <- list(beta = list(log_precision = "1"), truncated = list(log_scale = "1"))[[dist]]
  equations <- c(list(mean = covariates), extra, list(participate = participate))
  d <- read_data(data)
  X <- design(paste("~", covariates), d); Z <- design(paste("~", participate), d); y <- d[[outcome]]
  G <- log_distribution[[participation]]
  start <- c(if (dist == "truncated") qr.coef(qr(X[y > 0, ]), y[y > 0]) else glm_start(y[y > 0], X[y > 0, ], "logit"),
    if (dist == "beta") 2, if (dist == "truncated") log(sd(y[y > 0])), glm_start(as.numeric(y > 0), Z, participation))
  row_model(case, "share.TwoPart", data, outcome, equations, function(d) function(eta) ifelse(y > 0,
    G(eta$participate) + second[[dist]](ifelse(y > 0, y, 0.5), eta), G(-eta$participate)),
    call = c(list(dist = dist, participate = participate, participation = participation), list(...)), clusters = clusters, double = TRUE,
    start = unname(start), packages = "numDeriv")
}
for (dist in c("fractional", "beta", "truncated")) {
  two_part(paste0("two_part_schools_", dist), "schools", "english", "income + expenditure", "income + logstudents", dist, clusters = "county")
  two_part(paste0("two_part_schools_weights_", dist), "schools", "english", "income", "logstudents", dist, clusters = "county", weights = "students")
}
two_part("two_part_schools_cragg", "schools", "english", "income + logstudents + grades", "income + logstudents + grades", "truncated",
  participation = "probit", clusters = "county")
two_part("two_part_districts_fractional", "districts", "english", "income + lunch", "income + special", "fractional", clusters = "region")
two_part("two_part_districts_beta", "districts", "english", "income + lunch", "income", "beta", clusters = "region")
