# Extended-support beta regression by an independent likelihood: dbeta and pbeta on the extended support, and the nodes of
# statmod::gauss.quad for the exponential law of the exceedance (Kosmidis and Zeileis, 2025).
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")

laguerre <- statmod::gauss.quad(20, kind = "laguerre")
distribution <- list(logit = plogis, probit = pnorm)

# Density, or probability at an end, of a beta variable on (-u, 1 + u) that is censored at 0 and 1.
given <- function(y, p, q, u) {
  width <- 1 + 2 * u
  ifelse(y == 0, pbeta(u / width, p, q), ifelse(y == 1, pbeta((1 + u) / width, p, q, lower.tail = FALSE),
    dbeta((y + u) / width, p, q) / width))
}

extended <- function(y, dist, link) function(eta) {
  m <- distribution[[link]](eta[[1]]); f <- exp(eta[[2]]); u <- exp(eta[[3]])
  if (dist == "xb") return(log(given(y, m * f, (1 - m) * f, u)))
  log(Reduce(`+`, Map(function(node, weight) weight * given(y, m * f, (1 - m) * f, u * node), laguerre$nodes, laguerre$weights)))
}

extended_case <- function(case, data, outcome, covariates, dist = "xbx", link = "logit", precision = "1", clusters = NULL, ...) {
  equations <- function(x, z) list(mean = x, log_precision = z, log_exceedance = "1")
  row_model(case, "share.ExtendedBeta", data, outcome, equations(covariates, precision),
    function(d) extended(d[[outcome]], dist, link), call = c(list(dist = dist, link = link), if (precision != "1") list(precision = precision), list(...)),
    clusters = clusters, null = equations("1", "1"), double = TRUE, packages = c("statmod", "numDeriv"))
}

for (dist in c("xbx", "xb")) {
  extended_case(paste0("extended_beta_schools_", dist), "schools", "english", "income + logstudents + grades", dist, clusters = "county")
  extended_case(paste0("extended_beta_lunch_", dist), "schools", "lunch", "income + expenditure", dist, precision = "income", clusters = "county")
  extended_case(paste0("extended_beta_districts_", dist), "districts", "english", "income + lunch", dist, clusters = "region")
}
extended_case("extended_beta_schools_probit", "schools", "lunch", "income + expenditure", link = "probit", clusters = "county")
extended_case("extended_beta_schools_weights", "schools", "english", "income + expenditure", clusters = "county", weights = "students")
extended_case("extended_beta_districts_frequency", "districts", "english", "income", frequency = "repeats")
