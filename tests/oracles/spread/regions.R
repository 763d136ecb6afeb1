# A number out of a known number: binomial (stats::glm) and beta-binomial (VGAM's betabinomial), polished.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")
suppressMessages(library(VGAM))

log_choose <- function(n, y) lgamma(n + 1) - lgamma(y + 1) - lgamma(n - y + 1)
log_beta <- function(a, b) lgamma(a) + lgamma(b) - lgamma(a + b)
laws <- list(
  binomial = function(y, n) function(eta) log_choose(n, y) + y * log_plogis(eta[[1]]) + (n - y) * log_plogis(-eta[[1]]),
  betabinomial = function(y, n) function(eta) {
    p <- exp(log_plogis(eta[[1]])); f <- exp(eta[[2]])
    log_choose(n, y) + log_beta(y + p * f, n - y + (1 - p) * f) - log_beta(p * f, (1 - p) * f)
  })

regions <- function(case, dist, covariates, out_of, clusters = NULL, precision = "1", data = "wheezing", count = "visits", ...) {
  equations <- function(x, f) c(list(log_odds = x), if (dist == "betabinomial") list(log_precision = f))
  peer <- function(d) {
    weight <- c(list(...)$frequency, list(...)$weights)
    d$case_weight <- if (is.null(weight)) 1 else d[[weight]]
    formula <- as.formula(paste("cbind(", count, ", out_of -", count, ") ~", covariates))
    if (dist == "binomial") return(coef(glm(formula, binomial, d, weights = case_weight, control = list(epsilon = 1e-15))))
    fit <- coef(vglm(formula, betabinomial(zero = 2), d, weights = case_weight, epsilon = 1e-12, maxit = 200))
    c(fit[-2], -fit[2])                      # logit of the correlation is minus the log precision
  }
  peered <- precision == "1"
  row_model(case, "spread.Regions", data, count, equations(covariates, precision), function(d) laws[[dist]](d[[count]], out_of),
    call = c(list(dist = dist, out_of = out_of), if (!peered) list(precision = precision), list(...)), clusters = clusters,
    null = if (dist == "binomial") equations("1", "1"), peer = if (peered) peer, peer_tolerance = 1e-5, packages = c(if (peered) c(binomial = "stats", betabinomial = "VGAM")[[dist]], "numDeriv"), double = TRUE,
    start = if (peered) unname(peer(read_data(data))) else c(-1, 0, 0, 0))
}
for (dist in c("binomial", "betabinomial")) {
  regions(paste0("regions_wheezing_", dist), dist, "smoke", 4)
  regions(paste0("regions_wheezing_frequency_", dist), dist, "smoke", 4, frequency = "repeats")
  regions(paste0("regions_wheezing_weights_", dist), dist, "smoke", 4, weights = "repeats")
}
regions("regions_wheezing_precision_betabinomial", "betabinomial", "smoke", 4, precision = "smoke")
for (dist in c("binomial", "betabinomial"))
  regions(paste0("regions_biochemists_", dist), dist, "fem + ment + phd", 3, data = "biochemists", count = "kid5", clusters = "lab")
