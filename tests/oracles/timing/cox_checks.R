# What is asked of a Cox model after the fit: residuals, proportional hazards, concordance (survival).
source("R/figures.R")
suppressMessages(library(survival))

checks <- function(case, data, covariates, duration = "time", ties = "efron", strata = NULL) {
  d <- read_data(data)
  formula <- as.formula(sprintf("Surv(%s, event) ~ %s%s", duration, covariates, if (is.null(strata)) "" else sprintf(" + strata(%s)", strata)))
  control <- coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 200)
  fit <- coxph(formula, d, ties = ties, control = control, nocenter = NULL)
  fit <- coxph(formula, d, ties = ties, control = control, nocenter = NULL, init = coef(fit), model = TRUE, x = TRUE)
  names <- rename(names(coef(fit)), d)
  by_column <- function(R) setNames(lapply(seq_len(ncol(R)), function(j) I(unname(R[, j]))), names)
  head_of <- function(kind) by_column(as.matrix(residuals(fit, kind))[1:8, , drop = FALSE])
  zph <- function(transform) { z <- cox.zph(fit, transform = transform)$table
    list(term = I(c(head(rownames(z), -1), "all")), statistic = I(unname(z[, "chisq"])), df = I(unname(z[, "df"]))) }
  harrell <- concordance(fit); uno <- concordance(fit, timewt = "n/G2")
  figures(case, "timing.Cox", data, list(formula = paste(duration, "~", covariates), event = "event", ties = ties, strata = strata)[
    c("formula", "event", "ties", if (!is.null(strata)) "strata")], "survival",
    residuals = list(martingale = I(unname(residuals(fit, "martingale")[1:8])), deviance = I(unname(residuals(fit, "deviance")[1:8])),
      score = head_of("score"), dfbeta = head_of("dfbeta"), schoenfeld = head_of("schoenfeld")),
    proportionality = lapply(c(km = "km", rank = "rank", identity = "identity"), zph),
    concordance = list(harrell = list(estimate = harrell$concordance, se = sqrt(harrell$var)),
      uno = list(estimate = uno$concordance, se = sqrt(uno$var))))
}

for (ties in c("efron", "breslow")) checks(paste0("cox_checks_lung_", ties), "lung", "age + ecog + karno", ties = ties)
checks("cox_checks_veteran", "veteran", "trt + celltype + karno + age")
checks("cox_checks_lung_quarter", "lung", "age + ecog", duration = "quarter")
checks("cox_checks_lung_strata", "lung", "age + ecog", strata = "sex")
