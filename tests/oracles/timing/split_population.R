# Split populations by an independent likelihood: P(ever) = logistic(z'g), the time of those that have the event as in
# aft.R, or a discrete hazard under the complementary log-log link. Such likelihoods may have several maxima;
# the highest from several starts is taken.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")

# log density and log survival of the time, in eta = (location, log scale)
times <- list(
  weibull = list(f = function(w) w - exp(w), S = function(w) -exp(w)),
  lognormal = list(f = function(w) log_dnorm(w), S = function(w) pnorm(-w, log.p = TRUE)),
  loglogistic = list(f = function(w) dlogis(w, log = TRUE), S = function(w) plogis(-w, log.p = TRUE)))
times$exponential <- times$weibull

split_time <- function(dist, t, event, entry = 0 * t) function(eta) {
  s <- if (dist == "exponential") 0 else eta$log_scale
  w <- function(t) (log(t) - eta$location) / exp(s)
  ever <- plogis(eta$incidence)
  alive <- function(t) log1p(-ever + ever * exp(times[[dist]]$S(w(t))))
  out <- ifelse(event == 1, log(ever) + times[[dist]]$f(w(t)) - s - log(t), alive(t))
  late <- entry > 0
  out[late] <- out[late] - alive(ifelse(late, entry, 1))[late]
  out
}

split_case <- function(name, data, outcome, covariates, incidence, dist, clusters = NULL, entry = NULL, event = "event", ...) {
  equations <- c(list(location = covariates), if (dist != "exponential") list(log_scale = "1"), list(incidence = incidence))
  d <- read_data(data)
  more <- function(terms) rep(0, ncol(design(paste("~", terms), d)) - 1)
  begin <- function(first, slope) c(log(mean(d[[outcome]])), more(covariates), if (dist != "exponential") 0, first,
    more(incidence) + slope)
  starts <- list(begin(0, 0), begin(-2, 1), begin(-2, 0.3), begin(1, 0.3), begin(1, -0.3))
  row_model(sprintf("split_%s_%s", name, dist), "timing.SplitPopulation", data, outcome, equations, function(d)
    split_time(dist, d[[outcome]], d[[event]], if (is.null(entry)) 0 * d[[outcome]] else d[[entry]]),
    call = c(list(event = event, dist = dist, incidence = incidence), if (!is.null(entry)) list(entry = entry), list(...)),
    clusters = clusters, double = TRUE, packages = "numDeriv", start = starts)
}

# a few thick tumours: likelihoods with a lower maximum, which the first starts reach
split_case("melanoma_skewed", "melanoma", "time", "sex", "thickness", "weibull")
split_case("melanoma_skewed", "melanoma", "time", "thickness", "thickness", "loglogistic")
# several tumours a patient
for (dist in c("weibull", "loglogistic")) split_case("bladder", "bladder", "stop", "size", "rx + number", dist, clusters = "id")

for (dist in c("weibull", "lognormal", "loglogistic", "exponential")) {
  split_case("melanoma", "melanoma", "time", "sex", "depth", dist)
  split_case("melanoma_weights", "melanoma", "time", "ulcer", "depth", dist, weights = "weight")
  if (dist != "exponential") split_case("melanoma_entry", "melanoma", "time", "age", "ulcer", dist, entry = "entry", frequency = "repeats")
}

# Discrete: firm-periods 0..year, hazard 1 - exp(-exp(alpha_t + x'b)); from the first year at risk.
split_discrete <- function(case, data, outcome, covariates, incidence, entry = NULL, clusters = NULL, ...) {
  d <- read_data(data)
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  Z <- design(paste("~", incidence), d)
  t <- d[[outcome]]; from <- if (is.null(entry)) 0 * t else d[[entry]]
  p <- ncol(X)
  units <- function(theta) {
    xb <- drop(X %*% theta[2 + seq_len(p)])
    hazard <- exp(theta[1] + theta[2] * log(0:max(t) + 1))
    before <- c(0, cumsum(hazard))                    # cumulated hazard before year k is before[k + 1]
    alive <- function(k) exp(-before[k + 1] * exp(xb))
    ever <- plogis(drop(Z %*% theta[-seq_len(2 + p)]))
    top <- ifelse(d$event == 1, ever * (alive(t) - alive(t + 1)), 1 - ever + ever * alive(t + 1))
    log(top) - log(1 - ever + ever * alive(from))
  }
  names <- c("Intercept", "log(t+1)", colnames(X), sprintf("[incidence] %s", colnames(Z)))
  options <- list(...)
  starts <- lapply(list(c(0, 0), c(-2, 1), c(-1, 0.3)), function(a) c(-3, 0, rep(0, p), a[1], rep(a[2], ncol(Z) - 1)))
  fit <- peak_of(units, starts, names, weights = if (!is.null(options$weights)) d[[options$weights]],
    frequency = if (!is.null(options$frequency)) d[[options$frequency]], cluster = if (!is.null(clusters)) d[[clusters]])
  call <- c(list(formula = paste(outcome, "~", covariates), event = "event", dist = "discrete", baseline = "log", incidence = incidence),
    if (!is.null(entry)) list(entry = entry), options)
  do.call(figures, c(list(case, "timing.SplitPopulation", data, call, "numDeriv", clusters = clusters), estimates(fit)))
}
split_discrete("split_melanoma_discrete", "melanoma", "year", "sex + age", "depth + ulcer")
split_discrete("split_melanoma_entry_discrete", "melanoma", "year", "ulcer", "age + depth", entry = "entry_year")
split_discrete("split_melanoma_frequency_discrete", "melanoma", "year", "ulcer", "depth", frequency = "repeats")
split_discrete("split_melanoma_skewed_discrete", "melanoma", "year", "sex", "thickness")
split_discrete("split_bladder_discrete", "bladder", "stop", "size", "rx + number", clusters = "id")
