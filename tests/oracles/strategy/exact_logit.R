# Exact conditional logit by enumeration: the number of outcomes for each value of the sufficient statistics, by adding one
# row at a time; then the conditional distribution of each statistic given the others.
source("R/figures.R")

exact <- function(case, data, outcome, covariates, rows, strata = NULL) {
  d <- read_data(data)
  d <- d[eval(parse(text = rows), d), ]
  stratum <- if (is.null(strata)) rep(1, nrow(d)) else d[[strata]]
  d <- d[order(stratum), ]; stratum <- sort(stratum)
  X <- design(paste("~", covariates), d); y <- d[[outcome]]     # whole numbers, the constant first
  last <- c(stratum[-1] != stratum[-length(stratum)], TRUE)
  yes <- tapply(y, stratum, sum)
  observed <- c(0, drop(crossprod(X[, -1, drop = FALSE], y)))
  count <- 1; at <- matrix(0, 1, ncol(X))
  for (i in seq_along(y)) {
    both <- rbind(at, sweep(at, 2, X[i, ], "+"))
    key <- do.call(paste, as.data.frame(both))
    count <- rowsum(c(count, count), key)[, 1]
    at <- both[match(names(count), key), , drop = FALSE]
    if (last[i]) {                       # of a whole stratum only the outcomes with its number of events
      whole <- at[, 1] == yes[[as.character(stratum[i])]]
      at <- at[whole, , drop = FALSE]; at[, 1] <- 0; count <- count[whole]
      count <- count / max(count)        # in any unit, so that it stays finite
    }
  }
  one <- function(j) {
    same <- rowSums(at[, -j, drop = FALSE] != rep(observed[-j], each = nrow(at))) == 0
    value <- at[same, j]; log_count <- log(count[same])
    p <- function(b) { e <- log_count + b * value; e <- exp(e - max(e)); e / sum(e) }
    root <- function(f) uniroot(f, c(-1, 1), extendInt = "yes", tol = 1e-15, maxiter = 1000)$root
    low <- min(value); high <- max(value); t <- observed[j]
    extreme <- t == low || t == high
    estimate <- if (extreme) root(function(b) sum(p(b)[value == t]) - 0.5) else root(function(b) sum(p(b) * value) - t)
    null <- p(0)
    list(estimate = estimate, se = if (!extreme) { q <- p(estimate); 1 / sqrt(sum(q * value^2) - sum(q * value)^2) },
      pvalue = sum(null[null <= null[value == t] * (1 + 1e-7)]),
      lower = if (t == low) -Inf else root(function(b) sum(p(b)[value >= t]) - 0.025),
      upper = if (t == high) Inf else root(function(b) sum(p(b)[value <= t]) - 0.025))
  }
  out <- lapply(seq_len(ncol(X))[-1], one)
  figures(case, "strategy.ExactLogit", data, c(list(formula = paste(outcome, "~", covariates)), if (!is.null(strata)) list(strata = strata)), "stats", rows = rows,
    exact = setNames(out, colnames(X)[-1]))
}
exact("exact_logit_birthwt", "birthwt", "low", "smoke + ht + ui", "ptl < 4 & repeats == 1")
exact("exact_logit_birthwt_separated", "birthwt", "low", "smoke + ht + ptl", "repeats == 2 & age < 2.4")
exact("exact_logit_endometrial", "endometrial", "hg", "nv", "hg >= 0")
exact("exact_logit_birthwt_strata", "birthwt", "low", "smoke + ht", "ptl < 4 & repeats == 1", strata = "ward")
exact("exact_logit_infert", "infert", "case", "spontaneous + induced", "stratum <= 40", strata = "stratum")
