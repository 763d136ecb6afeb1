# Discrete-time hazards with frailty, by independent likelihoods: a gamma factor under the complementary log-log link in
# closed form, a normal deviation integrated out; `[log_variance]` is the log of the variance.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")

# the trapezoidal rule, which is spectrally accurate for such integrands, however large the variance
at <- seq(-8, 8, length.out = 241)
nodes <- list(nodes = at, weights = dnorm(at) * (at[2] - at[1]))
inverse <- list(cloglog = function(e) -expm1(-exp(e)), logit = plogis)
log_none <- list(cloglog = function(e) -exp(e), logit = function(e) plogis(-e, log.p = TRUE))

frailty <- function(case, data, duration, covariates, kind, link = "cloglog", entry = NULL, shared = NULL, keep = NULL, clusters = NULL, ...) {
  d <- read_data(data)
  if (!is.null(keep)) d <- d[d[[duration]] <= keep, ]
  options <- list(...)
  time <- d[[duration]]; first <- if (is.null(entry)) 0 * time else d[[entry]]
  row <- rep(seq_along(time), time + 1)                # years before the entry count for the condition of late entry
  t <- sequence(time + 1) - 1
  X <- cbind(Intercept = 1, "log(t+1)" = log(t + 1), design(paste("~", covariates), d)[row, -1, drop = FALSE])
  before <- t < first[row]
  last <- t == time[row]
  p <- ncol(X)
  group <- if (is.null(shared)) seq_along(time) else match(d[[shared]], unique(d[[shared]]))
  sum_by <- function(v, rows) drop(rowsum(v * rows, row))
  gamma_units <- function(theta) {
    hazard <- exp(drop(X %*% theta[seq_len(p)])); v <- exp(theta[p + 1])
    alive <- function(H) (1 + v * H)^(-1 / v)
    start <- alive(sum_by(hazard, before)); upto <- alive(sum_by(hazard, !last)); end <- alive(sum_by(hazard, 1))
    log(ifelse(d$event == 1, upto - end, end)) - log(start)
  }
  normal_units <- function(theta) {
    eta <- drop(X %*% theta[seq_len(p)]); s <- exp(theta[p + 1] / 2)
    given <- vapply(nodes$nodes, function(z) {
      none <- log_none[[link]](eta + s * z)
      yes <- last & d$event[row] == 1
      term <- ifelse(yes, log(inverse[[link]](eta + s * z)), none)
      own <- sum_by(term, 1)
      c(rowsum(own, group), rowsum(sum_by(none, before), group))
    }, numeric(2 * max(group)))
    n <- max(group)
    average <- function(G) { top <- apply(G, 1, max); top + log(drop(exp(G - top) %*% nodes$weights)) }
    average(given[seq_len(n), , drop = FALSE]) - average(given[n + seq_len(n), , drop = FALSE])
  }
  column <- function(name) if (!is.null(name)) d[[name]]
  fit <- peak(if (kind == "gamma") gamma_units else normal_units, c(-2, 0, rep(0, p - 2), -0.7), c(colnames(X), "[log_variance]"),
    frequency = column(options$frequency), weights = column(options$weights), cluster = column(clusters))
  call <- c(list(formula = paste(duration, "~", covariates), event = "event", link = link, baseline = "log", frailty = kind),
    if (!is.null(entry)) list(entry = entry), if (!is.null(shared)) list(shared = shared), options)
  out <- estimates(fit)
  out$nobs <- sum(if (is.null(options$frequency)) rep(1, nrow(d)) else d[[options$frequency]])
  do.call(figures, c(list(case, "timing.DiscreteHazard", data, call, "numDeriv", rows = if (!is.null(keep)) sprintf("%s <= %d", duration, keep),
    clusters = clusters), out))
}

for (kind in c("gamma", "normal")) {
  frailty(paste0("frailty_veteran_", kind), "veteran", "month", "trt + karno", kind)
  frailty(paste0("frailty_coalition_", kind), "coalition", "half_year", "invest + fract + polar", kind, keep = 8)
}
frailty("frailty_melanoma_gamma", "melanoma", "year", "ulcer + age", "gamma")
frailty("frailty_melanoma_entry_gamma", "melanoma", "year", "ulcer", "gamma", entry = "entry_year", frequency = "repeats")
frailty("frailty_veteran_logit", "veteran", "month", "trt + karno", "normal", "logit")
frailty("frailty_rats_shared", "rats", "decade", "rx", "normal", shared = "litter")
