# Discrete-time hazards: a binary model of the firm-period table (stats::glm, polished in high precision).
# A spell of duration d is at risk in periods entry..d (entry 0 unless said), and its event, if any, falls in period d.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")

expand <- function(d, duration, event, entry = NULL) {
  first <- if (is.null(entry)) rep(0, nrow(d)) else d[[entry]]
  row <- rep(seq_len(nrow(d)), d[[duration]] - first + 1)
  t <- sequence(d[[duration]] - first + 1) - 1 + first[row]
  list(row = row, t = t, y = as.numeric(t == d[[duration]][row]) * d[[event]][row])
}

baselines <- list(
  dummies = function(t) {
    levels <- sort(unique(t))
    matrix(as.numeric(outer(t, levels, "==")), length(t), dimnames = list(NULL, paste0("t=", levels)))
  },
  log = function(t) cbind(Intercept = 1, "log(t+1)" = log(t + 1)),
  quadratic = function(t) cbind(Intercept = 1, t = t, "t^2" = t^2),
  cubic = function(t) cbind(Intercept = 1, t = t, "t^2" = t^2, "t^3" = t^3))

# The space of cubic splines with given inner knots; basis functions go unnamed, only the curve is compared.
spline_baseline <- function(knots) function(t) {
  B <- splines::bs(t, knots = knots, degree = 3, Boundary.knots = range(t), intercept = TRUE)
  matrix(B, nrow(B), dimnames = list(NULL, paste0("basis", seq_len(ncol(B)))))
}
natural_baseline <- function(knots) function(t) {
  B <- splines::ns(t, knots = knots, Boundary.knots = range(t), intercept = TRUE)
  matrix(B, nrow(B), dimnames = list(NULL, paste0("basis", seq_len(ncol(B)))))
}

hazard <- function(case, data, covariates, call, baseline, clusters = NULL, keep = NULL, knots = NULL) {
  d <- read_data(data)
  if (!is.null(keep)) d <- d[d[[call$duration]] <= keep, ]
  long <- expand(d, call$duration, call$event, call$entry)
  B <- baseline(long$t)
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  full <- cbind(B, X[long$row, , drop = FALSE])
  weight <- if (!is.null(call$frequency)) d[[call$frequency]][long$row]
  sampling <- if (!is.null(call$weights)) d[[call$weights]][long$row]
  fit <- fit_binary(long$y, full, call$link, frequency = weight, weights = sampling, cluster = long$row)
  # a firm is one observation: its robust covariance adds the scores of its periods
  w <- if (!is.null(weight)) weight else if (!is.null(sampling)) sampling else 1
  firm <- rowsum(fit$scores * w, long$row)
  if (!is.null(weight)) firm <- rowsum(fit$scores, long$row) * sqrt(d[[call$frequency]])
  name <- names(fit$params)
  robust <- setNames(se(sandwich_cov(fit$cov, firm)), name)
  shown <- !startsWith(name, "basis")
  levels <- sort(unique(long$t))
  at <- baseline(long$t)[match(levels, long$t), , drop = FALSE]
  nb <- ncol(B)
  eta <- drop(at %*% fit$params[1:nb])
  p <- binomial(call$link)$linkinv(eta)
  eta_se <- sqrt(rowSums((at %*% fit$cov[1:nb, 1:nb]) * at))
  out <- list(params = fit$params[shown], bse = if (is.null(sampling)) fit$bse[shown], bse_robust = robust[shown])
  if (!is.null(clusters)) out$bse_clustered <-
    se(sandwich_cov(fit$cov, rowsum(fit$scores * w, d[[clusters]][long$row])))[shown]
  out <- c(out, list(llf = fit$llf, nobs = if (is.null(weight)) nrow(d) else sum(d[[call$frequency]]),
    periods = length(long$y), agreement_with_glm = fit$agreement,
    baseline = list(t = I(levels), eta = I(eta), eta_se = I(eta_se), hazard = I(p), survival = I(cumprod(1 - p)))))
  duration <- call$duration
  call <- c(list(formula = paste(duration, "~", covariates)), call[names(call) != "duration"], if (!is.null(knots)) list(knots = I(knots)))
  do.call(figures, c(list(case, "timing.DiscreteHazard", data, call, c("stats", "Rmpfr")),
    list(rows = if (!is.null(keep)) sprintf("%s <= %d", duration, keep)), list(clusters = clusters), out))
}

spell <- function(duration, link, baseline, ...) list(duration = duration, event = "event", link = link, baseline = baseline, ...)
for (link in c("cloglog", "logit", "probit")) {
  for (b in c("dummies", "log", "quadratic", "cubic"))
    hazard(sprintf("hazard_lung_%s_%s", link, b), "lung", "age + sex + ecog", spell("quarter", link, b), baselines[[b]], clusters = "inst",
      keep = 9)
  hazard(sprintf("hazard_lung_%s_spline", link), "lung", "age + sex + ecog", spell("quarter", link, "spline"),
    spline_baseline(c(2, 5)), clusters = "inst", keep = 9, knots = c(2, 5))
  hazard(sprintf("hazard_lung_%s_natural", link), "lung", "age + sex + ecog", spell("quarter", link, "natural"),
    natural_baseline(c(2, 5)), clusters = "inst", keep = 9, knots = c(2, 5))
  hazard(sprintf("hazard_lung_%s_frequency", link), "lung", "age + sex + ecog", spell("quarter", link, "dummies", frequency = "repeats"),
    baselines$dummies, clusters = "inst", keep = 9)
  hazard(sprintf("hazard_lung_%s_weights", link), "lung", "age + sex + ecog", spell("quarter", link, "dummies", weights = "weight"),
    baselines$dummies, clusters = "inst", keep = 9)
  hazard(sprintf("hazard_coalition_%s_dummies", link), "coalition", "invest + fract + polar + numst2", spell("half_year", link, "dummies"),
    baselines$dummies, keep = 8)
  hazard(sprintf("hazard_channing_entry_%s_log", link), "channing", "sex", spell("year", link, "log", entry = "entry_year"), baselines$log)
  hazard(sprintf("hazard_channing_entry_%s_cubic", link), "channing", "sex", spell("year", link, "cubic", entry = "entry_year"), baselines$cubic)
}
