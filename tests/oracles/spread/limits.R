# Counts that are known between limits only (top codes, brackets) or seen up to a ceiling only, by an independent
# likelihood: sums of the probabilities of single counts.
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R"); source("R/numerical.R")

# log P(lower <= Y <= upper | least <= Y <= most), row by row; `upper` and `most` may be infinite.
between <- function(dist, lower, upper, least = 0, most = Inf) {
  ends <- c(lower - 1, upper, most)
  last <- max(ends[is.finite(ends)], least)
  function(eta) {
    n <- length(lower)
    below <- before <- inside <- seen <- 0 * eta[[1]]
    for (k in 0:last) {
      p <- exp(counts[[dist]](rep(k, n), eta))
      if (k < least) below <- below + p
      if (k >= least && k <= most) seen <- seen + p
      before <- before + p * (k < lower)
      inside <- inside + p * (k >= lower & k <= upper)
    }
    open <- is.infinite(upper)
    inside[open] <- (1 - before)[open]
    log(inside) - log(if (is.finite(most)) seen else 1 - below)
  }
}

# `limits` are those of the call: top_code, at_most, upper (a column).
limited <- function(case, estimator, data, outcome, covariates, dist, limits, alpha = "1", rows = NULL, double = TRUE, start = NULL, ...) {
  least <- as.numeric(estimator == "spread.ZeroTruncated")
  part <- function(a, b) c(list(log_mean = a), if (dist != "poisson") list(log_alpha = b), if (dist == "nbp") list(power = "1"))
  named <- if (estimator == "spread.Poisson") NULL else setNames(list(dist), if (least) "dist" else "form")
  row_model(paste0("limits_", case, "_", dist), estimator, data, outcome, part(covariates, alpha), function(d) {
    lower <- upper <- d[[outcome]]
    if (!is.null(limits$upper)) upper <- d[[limits$upper]]
    if (!is.null(limits$top_code)) { upper <- ifelse(lower >= limits$top_code, Inf, upper); lower <- pmin(lower, limits$top_code) }
    between(dist, lower, upper, least, if (is.null(limits$at_most)) Inf else limits$at_most)
  }, call = c(named, limits, if (alpha != "1") list(alpha = alpha), list(...)), null = if (is.null(start)) part("1", "1"), rows = rows,
    packages = if (double) "numDeriv" else "Rmpfr", double = double, start = start)
}

NB <- "spread.NegativeBinomial"; ZT <- "spread.ZeroTruncated"
limited("quine_top", "spread.Poisson", "quine", "days", "eth + sex + age", "poisson", list(top_code = 12), double = FALSE)
limited("biochemists_top", "spread.Poisson", "biochemists", "art", "fem + ment", "poisson", list(top_code = 4), frequency = "repeats")
limited("biochemists_ceiling", "spread.Poisson", "biochemists", "art", "fem + ment", "poisson", list(at_most = 5), rows = "art <= 5")
limited("bcdeter", "spread.Poisson", "bcdeter", "lower", "treat", "poisson", list(upper = "upper"), start = c(3.5, 0), double = FALSE)
for (dist in c("nb1", "nb2")) {
  limited("quine_top", NB, "quine", "days", "eth + sex + age", dist, list(top_code = 12), double = FALSE)
  limited("biochemists_top", NB, "biochemists", "art", "fem + ment", dist, list(top_code = 4), weights = "repeats")
  limited("quine_ceiling", NB, "quine", "days", "eth + sex", dist, list(at_most = 60), rows = "days <= 60")
  limited("bcdeter", NB, "bcdeter", "lower", "treat", dist, list(upper = "upper"), start = c(3.5, 0, c(nb1 = 1, nb2 = -2)[[dist]]), double = dist == "nb2")
}
limited("quine_alpha", NB, "quine", "days", "eth + age", "nb2", list(top_code = 20), alpha = "sex")
for (dist in c("poisson", "nb2")) {
  limited("quine_truncated", ZT, "quine", "days", "eth + sex + age", dist, list(top_code = 12), rows = "days > 0")
  limited("biochemists_truncated", ZT, "biochemists", "art", "fem + ment", dist, list(at_most = 19), rows = "art > 0")
}
