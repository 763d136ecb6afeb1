# Fractional regressions by quasi-likelihood (stats::glm, polished in high precision); the bread is the observed information.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")

fractional <- function(case, data, outcome, covariates, link, clusters, ...) {
  d <- read_data(data)
  options <- list(...)
  X <- design(paste("~", covariates), d)
  column <- function(name) if (!is.null(options[[name]])) d[[options[[name]]]]
  fit <- fit_binary(d[[outcome]], X, link, frequency = column("frequency"), weights = column("weights"), cluster = d[[clusters]])
  mu <- exp(asNumeric(links[[link]]$log_p(list(predictor(X, fit$theta))[[1]])))
  weight <- column("frequency"); if (is.null(weight)) weight <- column("weights"); if (is.null(weight)) weight <- rep(1, nrow(d))
  out <- estimates(fit, llnull = null_binary(d[[outcome]], link, weight), fitted_mean = sum(weight * mu) / sum(weight),
    mean_head = I(mu[1:5]), agreement_with_glm = fit$agreement)
  do.call(figures, c(list(case, "share.Fractional", data, c(list(formula = paste(outcome, "~", covariates), link = link), options),
    c("stats", "Rmpfr"), clusters = clusters), out))
}

for (link in names(links)) {
  fractional(paste0("fractional_schools_", link), "schools", "english", "income + expenditure + logstudents + grades", link, "county")
  fractional(paste0("fractional_petrol_", link), "petrol", "share", "temp + gravity", link, "batch")
}
for (link in c("logit", "probit", "cloglog")) {
  fractional(paste0("fractional_schools_frequency_", link), "schools", "english", "income + expenditure", link, "county", frequency = "repeats")
  fractional(paste0("fractional_schools_weights_", link), "schools", "english", "income + expenditure", link, "county", weights = "students")
}
