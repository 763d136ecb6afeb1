# Forms of the dispersion by an independent likelihood: its power estimated (NB-P), its covariates, and generalized
# Poisson, NB1 and NB-P counts given at least one, over a hurdle, or with zeros inflated.
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R"); source("R/numerical.R"); source("R/zeros.R")

part <- function(dist, covariates, alpha = "1", ...) c(list(log_mean = covariates),
  setNames(list(alpha), dispersion[[dist]]), if (dist == "nbp") list(power = "1"), list(...))
start_of <- function(d, outcome, covariates, dist, alpha = "1", more = NULL) c(
  glm.fit(X <- design(paste("~", covariates), d), d[[outcome]], family = poisson())$coefficients,
  if (dispersion[[dist]] == "alpha") 0.1 else -0.5, rep(0, ncol(design(paste("~", alpha), d)) - 1), if (dist == "nbp") 2, more)

whole <- function(case, data, outcome, covariates, dist, alpha = "1", ...) row_model(sprintf("counts_%s_%s", case, dist),
  "spread.NegativeBinomial", data, outcome, part(dist, covariates, alpha), function(d) function(eta) counts[[dist]](d[[outcome]], eta),
  call = c(list(form = dist), if (alpha != "1") list(alpha = alpha), list(...)),
  start = unname(start_of(read_data(data), outcome, covariates, dist, alpha)), packages = "numDeriv", double = TRUE)

whole("biochemists", "biochemists", "art", "fem + mar + kid5 + phd + ment", "nbp")
whole("biochemists_frequency", "biochemists", "art", "fem + ment", "nbp", frequency = "repeats")
whole("quine", "quine", "days", "eth + sex + age", "nbp")
whole("visits", "visits", "visits", "health + chronic + gender + school", "nbp")
for (dist in c("nb1", "nb2", "nbp")) whole("quine_alpha", "quine", "days", "eth + sex", dist, alpha = "lrn")

given_one <- function(case, data, outcome, covariates, dist, alpha = "1", ...) row_model(sprintf("truncated_%s_%s", case, dist),
  "spread.ZeroTruncated", data, outcome, part(dist, covariates, alpha), function(d) function(eta)
    counts[[dist]](d[[outcome]], eta) - log1mexp(-counts[[dist]](rep(0, nrow(d)), eta)), rows = paste(outcome, "> 0"),
  call = c(list(dist = dist), if (alpha != "1") list(alpha = alpha), list(...)), packages = "numDeriv", double = TRUE,
  start = unname(start_of({ d <- read_data(data); d[d[[outcome]] > 0, ] }, outcome, covariates, dist, alpha)))

for (dist in c("nb1", "gp1", "gp2")) {
  given_one("biochemists", "biochemists", "art", "fem + ment", dist)
  given_one("visits", "visits", "visits", "chronic + gender", dist)
}
given_one("quine", "quine", "days", "eth + sex + age", "nb1")
given_one("quine_alpha", "quine", "days", "eth + sex", "nb2", alpha = "lrn")
given_one("quine", "quine", "days", "eth + sex", "nbp")

two_parts <- function(model, case, data, outcome, covariates, dist, binary, alpha = "1") {
  name <- c(ZeroInflated = "inflation", Hurdle = "participation")[[model]]
  loglik <- list(ZeroInflated = inflated, Hurdle = hurdled)[[model]]
  more <- setNames(list(binary), name)
  row_model(sprintf("%s_%s_%s", tolower(model), case, dist), paste0("spread.", model), data, outcome,
    do.call(part, c(list(dist, covariates, alpha), more)), function(d) loglik(dist, d[[outcome]]),
    call = c(list(dist = dist), more, if (alpha != "1") list(alpha = alpha)), packages = "numDeriv", double = TRUE,
    start = unname(start_of(read_data(data), outcome, covariates, dist, alpha, rep(0, ncol(design(paste("~", binary), read_data(data)))))))
}
two_parts("Hurdle", "quine_alpha", "quine", "days", "eth + sex", "nb2", "age", alpha = "lrn")
two_parts("Hurdle", "biochemists", "biochemists", "art", "fem + ment", "gp1", "ment")
two_parts("ZeroInflated", "biochemists_alpha", "biochemists", "art", "fem + ment", "nb2", "ment", alpha = "fem")
