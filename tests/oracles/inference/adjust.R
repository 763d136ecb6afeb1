# Adjusted p-values, and weights raked to margins.

source("R/figures.R")

p <- c(0.0068, 0.0022, 0.51, 0.048, 0.048, 0.012, 1, 0.23, 0.0004, 0.07)
methods <- c(holm = "holm", bonferroni = "bonferroni", hochberg = "hochberg", hommel = "hommel", bh = "BH", by = "BY")
do.call(figures, c(list("adjust", "adjust", "p-values", "p.adjust(p, method)", "stats", pvalues = p),
  lapply(methods, function(m) p.adjust(p, m))))

# Three firm sizes by two offerings by two groups: loglin fits the margins, starting from the sample's cells.
sample <- array(c(6, 9, 4, 3, 8, 5, 2, 7, 6, 1, 4, 5), c(3, 2, 2))
target <- list(c(700, 250, 50), c(420, 580), c(150, 850))
product <- outer(outer(target[[1]], target[[2]]), target[[3]]) / 1000^2
fitted <- loglin(product, list(1, 2, 3), start = sample, fit = TRUE, eps = 1e-12, iter = 10000, print = FALSE)$fit
figures("rake", "rake", "array", "loglin(product of targets, margins, start = sample)", "stats",
  sample = as.vector(sample), size = target[[1]], offering = target[[2]], group = target[[3]],
  weights = as.vector(fitted / sample))
