# Beta regressions, with ends of their own and under brackets, by independent likelihoods: mean F(x'b), log precision z'g.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R"); source("R/numerical.R")

log_beta <- function(y, mean, precision) { y <- like(y, mean); a <- mean * precision; b <- (1 - mean) * precision
  lgamma(precision) - lgamma(a) - lgamma(b) + (a - 1) * log(y) + (b - 1) * log(1 - y) }

beta_law <- function(y, link) function(eta) log_beta(y, exp(links[[link]]$log_p(eta[[1]])), exp(eta[[2]]))

beta_case <- function(case, data, outcome, covariates, link = "logit", precision = "1", clusters = NULL, rows = NULL, ...) row_model(case,
  "share.Beta", data, outcome, list(mean = covariates, log_precision = precision), function(d) beta_law(d[[outcome]], link),
  call = c(list(link = link), if (precision != "1") list(precision = precision), list(...)), clusters = clusters, rows = rows,
  null = list(mean = "1", log_precision = "1"))

for (link in c("logit", "probit", "cloglog", "loglog"))
  beta_case(paste0("beta_petrol_", link), "petrol", "share", "temp + gravity", link, clusters = "batch")
beta_case("beta_lunch", "lunch", "share", "income + expenditure + grades", precision = "logstudents", clusters = "county")
beta_case("beta_lunch_weights", "lunch", "share", "income + expenditure", clusters = "county", weights = "weight")
beta_case("beta_schools_frequency", "schools", "english", "income + logstudents", rows = "english > 0 & english < 1", frequency = "repeats")

# Ends with probabilities of their own: multinomial logit with the shares between as its base.
inflated <- function(y, ends) function(eta) {
  odds <- lapply(eta[-(1:2)], exp)
  total <- log(1 + Reduce(`+`, odds))
  out <- like(rep(0, length(y)), eta[[1]])
  between <- y > 0 & y < 1
  out[between] <- log_beta(y[between], exp(log_plogis(eta[[1]]))[between], exp(eta[[2]])[between])
  for (end in names(ends)) { at <- y == ends[[end]]; out[at] <- eta[[end]][at] }
  out - total
}
inflated_case <- function(case, data, outcome, covariates, ends, odds = "1", clusters = NULL, ...) {
  equations <- function(x, o) c(list(mean = x, log_precision = "1"), setNames(rep(list(o), length(ends)), names(ends)))
  row_model(case, "share.InflatedBeta", data, outcome, equations(covariates, odds), function(d) inflated(d[[outcome]], ends),
    call = c(list(inflate = if (length(ends) == 2) "both" else names(ends)), if (odds != "1") setNames(rep(list(odds), length(ends)), names(ends)),
      list(...)), clusters = clusters, null = equations("1", "1"))
}
inflated_case("inflated_beta_schools", "schools", "english", "income + expenditure + grades", list(zero = 0), "income + logstudents", "county")
inflated_case("inflated_beta_lunch", "schools", "lunch", "income + expenditure", list(zero = 0, one = 1), "1", "county")
inflated_case("inflated_beta_schools_weights", "schools", "english", "income", list(zero = 0), "income", "county", weights = "students")
inflated_case("inflated_beta_districts", "districts", "english", "income + lunch", list(zero = 0), "income", "region")
