# Cox's model with gamma frailty shared by groups: the marginal likelihood at given coefficients and variance by
# survival::coxph (frailties fitted, coefficients held by an offset), maximized and differentiated by numDeriv, so that errors
# count the variance's own; coxph's EM, whose errors hold the variance fixed, must find the same maximum.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")
suppressMessages(library(survival))
control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 200, outer.max = 100)

cox_frailty <- function(case, data, covariates, call) {
  d <- read_data(data)
  if (!is.null(call$frequency)) d <- d[rep(seq_len(nrow(d)), d[[call$frequency]]), ]
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  d$group <- d[[call$shared]]
  left <- if (is.null(call$entry)) sprintf("Surv(%s, event)", call$duration) else sprintf("Surv(%s, %s, event)", call$entry, call$duration)
  right <- if (is.null(call$strata)) "" else sprintf("+ strata(%s)", call$strata)
  held <- as.formula(paste(left, "~ offset(xb) + frailty(group, distribution = 'gamma', theta = v, sparse = FALSE)", right))
  marginal <- function(theta) {
    xb <- drop(X %*% theta[-length(theta)]); v <- exp(theta[length(theta)])
    d$xb <- xb
    environment(held) <- environment()
    fit <- tryCatch(coxph(held, d, ties = call$ties, control = control), error = function(e) NULL)   # a search far out
    if (is.null(fit)) NA else tail(fit$history[[1]]$c.loglik, 1)
  }
  em <- coxph(as.formula(paste(left, "~", covariates, right, "+ frailty(group, distribution = 'gamma', method = 'em', eps = 1e-10)")), d,
    ties = call$ties, control = control)
  start <- c(coef(em), log(em$history[[1]]$theta))
  names <- c(colnames(X), "[log_variance]")
  fit <- peak(marginal, unname(start), names)
  gap <- agree(start, fit$params, 1e-4)
  figures(case, "timing.Cox", data, c(list(formula = paste(call$duration, "~", covariates), event = "event", frailty = "gamma"),
    call[names(call) != "duration"]), c("survival", "numDeriv"), params = fit$params, bse = fit$bse, cov_params = unname(fit$cov),
    llf = fit$llf, nobs = nrow(d), agreement = gap,
    tolerance = list(value = 1e-5, reason = "derivatives are extrapolated differences of a likelihood that is itself iterated"))
}
for (ties in c("efron", "breslow")) {
  cox_frailty(paste0("cox_frailty_rats_", ties), "rats", "rx + sex", list(duration = "time", shared = "litter", ties = ties))
  cox_frailty(paste0("cox_frailty_bladder_", ties), "bladder", "rx + number", list(duration = "stop", shared = "id", strata = "enum", ties = ties))
}
cox_frailty("cox_frailty_rats_decade", "rats", "rx", list(duration = "decade", shared = "litter", ties = "efron"))
cox_frailty("cox_frailty_rats_entry", "rats", "rx", list(duration = "time", entry = "entry", shared = "litter", ties = "efron"))
cox_frailty("cox_frailty_rats_frequency", "rats", "rx", list(duration = "time", frequency = "repeats", shared = "litter", ties = "breslow"))
