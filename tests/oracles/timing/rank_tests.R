# Log-rank and Fleming-Harrington tests: two and more groups, strata, trend (survival::survdiff).
source("R/figures.R")
suppressMessages(library(survival))

rank_case <- function(case, data, by, time = "time", rho = 0, strata = NULL, trend = FALSE) {
  d <- read_data(data)
  formula <- as.formula(sprintf("Surv(%s, event) ~ %s%s", time, by, if (is.null(strata)) "" else sprintf(" + strata(%s)", strata)))
  s <- survdiff(formula, d, rho = rho)
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  gap <- total(s$obs) - total(s$exp)
  statistic <- s$chisq; df <- length(gap) - 1
  if (trend) { score <- seq_along(gap); statistic <- sum(score * gap)^2 / drop(score %*% s$var %*% score); df <- 1 }
  figures(case, "timing.logrank_test", data, list(outcome = time, by = by, event = "event", rho = rho, strata = strata, trend = trend)[
    c("outcome", "by", "event", "rho", if (!is.null(strata)) "strata", "trend")], "survival", statistic = statistic, df = df,
    observed = I(unname(total(s$obs))), expected = I(unname(total(s$exp))))
}
for (rho in 0:1) {
  rank_case(paste0("rank_lung_sex_rho", rho), "lung", "sex", rho = rho)
  rank_case(paste0("rank_lung_quarter_rho", rho), "lung", "sex", time = "quarter", rho = rho)
  rank_case(paste0("rank_bfeed_race_rho", rho), "bfeed", "race", rho = rho)
  rank_case(paste0("rank_veteran_strata_rho", rho), "veteran", "celltype", rho = rho, strata = "trt")
}
rank_case("rank_veteran_trend", "veteran", "celltype", trend = TRUE)
