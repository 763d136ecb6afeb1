# Exact tests of contingency tables. P-values are those of fisher.test; its odds ratios and intervals are found to four
# digits only, so they are found again here, from dhyper, to the last digit.

source("R/figures.R")

# Probabilities of the first cell at log odds ratio `theta`, given the margins.
first_cell <- function(table) {
  rows <- rowSums(table); column <- colSums(table)[1]
  support <- max(0, column - rows[2]):min(rows[1], column)
  null <- dhyper(support, rows[1], rows[2], column, log = TRUE)
  list(x = table[1, 1], support = support, at = function(theta) {
    d <- null + theta * support
    exp(d - max(d)) / sum(exp(d - max(d)))
  })
}

tail_at <- function(cell, side, share) function(theta) {
  p <- cell$at(theta)
  beyond <- if (side == "less") cell$support < cell$x else cell$support > cell$x
  sum(p[beyond]) + share * p[cell$support == cell$x]
}

root <- function(f) exp(uniroot(f, c(-1, 1), extendInt = "yes", tol = 1e-15, maxiter = 10000)$root)

odds_ratio <- function(cell) {
  if (cell$x == min(cell$support)) return(0)
  if (cell$x == max(cell$support)) return(Inf)
  root(function(theta) sum(cell$support * cell$at(theta)) - cell$x)
}

interval <- function(cell, share, lower, upper) c(
  if (lower == 0 || cell$x == min(cell$support)) 0 else root(function(t) tail_at(cell, "greater", share)(t) - lower),
  if (upper == 0 || cell$x == max(cell$support)) Inf else root(function(t) tail_at(cell, "less", share)(t) - upper))

two_by_two <- function(case, table) {
  cell <- first_cell(table)
  p <- function(side) fisher.test(table, alternative = side)$p.value
  mid <- function(side) tail_at(cell, side, 0.5)(0)
  printed <- fisher.test(table)
  estimate <- odds_ratio(cell)
  fisher <- interval(cell, 1, 0.025, 0.025)
  if (is.finite(estimate) && estimate > 0) agree(unname(printed$estimate), estimate, 1e-2)
  figures(case, "fisher_exact and midp_exact", "table", "fisher.test(table); uniroot over dhyper", "stats",
    table = table, odds_ratio = estimate,
    fisher = list(pvalue = p("two.sided"), less = p("less"), greater = p("greater"), conf_int = I(fisher),
      conf_int_less = I(interval(cell, 1, 0, 0.05)), conf_int_greater = I(interval(cell, 1, 0.05, 0))),
    midp = list(pvalue = min(1, 2 * min(mid("less"), mid("greater"))), less = mid("less"), greater = mid("greater"),
      conf_int = I(interval(cell, 0.5, 0.025, 0.025))))
}

cells <- function(...) matrix(c(...), nrow = 2, byrow = TRUE)
two_by_two("exact_markets", cells(9, 5, 2, 15))         # niche and mass firms with more than ten export countries
two_by_two("exact_rd", cells(11, 6, 6, 13))             # niche and mass firms that spend more than 2 % on R&D
two_by_two("exact_partner", cells(0, 14, 4, 7))         # an empty cell
two_by_two("exact_diagonal", cells(8, 0, 0, 5))         # both cells of a diagonal empty
two_by_two("exact_even", cells(5, 5, 5, 5))             # odds ratio one
two_by_two("exact_large", cells(412, 88, 371, 153))     # large counts

larger <- function(case, rows, ...) {
  table <- matrix(c(...), nrow = rows, byrow = TRUE)
  figures(case, "fisher_exact", "table", "fisher.test(table)", "stats", table = table,
    pvalue = fisher.test(table, workspace = 2e7)$p.value)
}

larger("exact_relevant_market", 2, 0, 8, 9, 9, 6, 4)    # niche and mass firms: local, European, global
larger("exact_job", 4, 1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11)      # job satisfaction (Agresti 2002)
larger("exact_three_by_eight", 3, 1, 1, 3, 0, 2, 3, 1, 0, 1, 3, 3, 1, 2, 3, 2, 3, 6, 3, 2, 1, 2, 2, 4, 1)
larger("exact_tall", 5, 4, 1, 0, 3, 2, 2, 6, 1, 0, 5)
