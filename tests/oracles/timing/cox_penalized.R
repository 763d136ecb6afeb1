# Cox with Firth's penalty: partial likelihood and information by survival::coxph at given coefficients, half the log
# determinant of the information added, maximized here. Standard errors from the information at the estimate.
source("R/figures.R"); source("R/numerical.R")
suppressMessages(library(survival))

penalized <- function(case, data, covariates, ties, rows = NULL) {
  d <- read_data(data)
  if (!is.null(rows)) d <- d[eval(parse(text = rows), d), ]
  d$case_surv <- Surv(d$time, d$event)
  at <- function(b) suppressWarnings(coxph(as.formula(paste("case_surv ~", covariates)), d, ties = ties, init = b, nocenter = NULL,
    control = coxph.control(iter.max = 0)))
  names <- colnames(design(paste("~", covariates), d))[-1]
  objective <- function(b) {
    m <- tryCatch(at(b), error = function(e) NULL)     # coxph refuses some values that a search tries
    if (is.null(m)) return(-Inf)
    m$loglik[1] - as.numeric(determinant(m$var)$modulus) / 2
  }
  fit <- peak(objective, rep(0, length(names)), names)
  last <- at(fit$params)
  figures(case, "timing.Cox", data, list(formula = paste("time ~", covariates), event = "event", ties = ties, penalty = "jeffreys"),
    c("survival", "numDeriv"), rows = rows, params = fit$params, bse = setNames(se(last$var), names), llf = last$loglik[1],
    tests = list(lr = 2 * (fit$llf - objective(0 * fit$params)), df = length(names)), nobs = nrow(d), tolerance = fit$tolerance)
}
for (ties in c("breslow", "efron")) {
  penalized(paste0("cox_penalized_lung_", ties), "lung", "age + sex + ecog", ties)
  penalized(paste0("cox_penalized_rats_monotone_", ties), "rats", "rx + sex", ties, rows = "litter <= 30")
}
