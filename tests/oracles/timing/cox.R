# Cox's proportional hazards: Efron, Breslow and exact ties, late entry, strata, weights, clusters, baseline curves
# (survival::coxph).
source("R/figures.R")
suppressMessages(library(survival))

control <- coxph.control(eps = 1e-15, toler.chol = 1e-13, iter.max = 200)

surv_text <- function(call) if (is.null(call$entry)) sprintf("Surv(%s, %s)", call$duration, call$event) else
  sprintf("Surv(%s, %s, %s)", call$entry, call$duration, call$event)

# Curves: cumulative hazard at zero covariates and at the means, survival of two rows of the data with errors.
baseline <- function(fit, d) {
  zero <- basehaz(fit, centered = FALSE)
  mean <- survfit(fit, conf.type = "log-log")
  one <- function(i) {
    s <- survfit(fit, newdata = d[i, ], conf.type = "log-log")
    list(row = i - 1, time = I(s$time), survival = I(as.vector(s$surv)), std_cumhaz = I(as.vector(s$std.err)),
      lower = I(as.vector(s$lower)), upper = I(as.vector(s$upper)))
  }
  list(zero = list(time = I(zero$time), cumhaz = I(zero$hazard)),
    mean = list(time = I(mean$time), cumhaz = I(mean$cumhaz), survival = I(mean$surv), std_cumhaz = I(mean$std.err),
      lower = I(mean$lower), upper = I(mean$upper)),
    rows = lapply(c(1, 7), one))
}

stratified_baseline <- function(fit) {
  zero <- basehaz(fit, centered = FALSE)
  lapply(split(zero, sub("^.*=", "", zero$strata)), function(z) list(time = I(z$time), cumhaz = I(z$hazard)))
}

cox <- function(case, data, covariates, call, clusters = NULL) {
  d <- read_data(data)
  right <- paste(covariates, if (!is.null(call$strata)) sprintf("+ strata(%s)", call$strata) else "")
  formula <- as.formula(paste(surv_text(call), "~", right))
  args <- list(formula, data = d, ties = call$ties, control = control, model = TRUE, x = TRUE, nocenter = NULL)
  if (!is.null(call$frequency)) d <- args$data <- d[rep(seq_len(nrow(d)), d[[call$frequency]]), ]
  if (!is.null(call$weights)) args$weights <- d[[call$weights]]
  first <- do.call(coxph, c(args, list(robust = FALSE)))
  args$init <- coef(first)                       # one more Newton step, to the last digit
  plain <- do.call(coxph, c(args, list(robust = FALSE)))
  names <- rename(names(coef(plain)), d)
  name <- function(x) setNames(as.vector(x), names)
  robust_with <- function(cluster) name(se(do.call(coxph, c(args, list(cluster = cluster)))$var))
  out <- list(params = name(coef(plain)))
  if (is.null(call$weights)) out$bse <- name(se(plain$var))
  if (call$ties != "exact") {
    out$bse_robust <- robust_with(seq_len(nrow(d)))
    if (!is.null(clusters)) out$bse_clustered <- robust_with(d[[clusters]])
  }
  out <- c(out, list(llf = plain$loglik[2], llnull = first$loglik[1], nobs = plain$n, events = plain$nevent))
  if (is.null(call$weights)) {
    s <- summary(first)
    out$tests <- list(lr = s$logtest[["test"]], wald = sum(coef(plain) * solve(plain$var, coef(plain))), score = first$score,
      df = length(names))
  }
  if (call$ties != "exact" && is.null(call$weights))
    out$baseline <- if (is.null(call$strata)) c(list(means = name(plain$means)), baseline(plain, d)) else
      list(zero = stratified_baseline(plain))
  call <- c(list(formula = paste(call$duration, "~", covariates)), call[names(call) != "duration"])
  do.call(figures, c(list(case, "timing.Cox", data, call, "survival"), list(clusters = clusters), out))
}

lung <- function(ties, ...) list(duration = "time", event = "event", ties = ties, ...)
for (ties in c("efron", "breslow", "exact")) {
  cox(paste0("cox_lung_", ties), "lung", "age + sex + ecog", lung(ties), clusters = "inst")
  cox(paste0("cox_veteran_", ties), "veteran", "trt + celltype + karno + age + prior", lung(ties))
  cox(paste0("cox_veteran_month_", ties), "veteran", "trt + celltype + karno + age", modifyList(lung(ties), list(duration = "month")))
}
for (ties in c("efron", "breslow")) {
  cox(paste0("cox_lung_quarter_", ties), "lung", "age + sex + ecog", modifyList(lung(ties), list(duration = "quarter")), clusters = "inst")
  cox(paste0("cox_lung_strata_", ties), "lung", "age + ecog + karno", lung(ties, strata = "sex"), clusters = "inst")
  cox(paste0("cox_lung_weights_", ties), "lung", "age + sex + ecog", lung(ties, weights = "weight"), clusters = "inst")
  cox(paste0("cox_lung_frequency_", ties), "lung", "age + sex + ecog", lung(ties, frequency = "repeats"), clusters = "inst")
  cox(paste0("cox_heart_", ties), "heart", "age + year + surgery + transplant",
    list(duration = "stop", event = "event", entry = "start", ties = ties), clusters = "id")
  cox(paste0("cox_channing_", ties), "channing", "sex", list(duration = "time", event = "event", entry = "entry", ties = ties))
  cox(paste0("cox_rats_", ties), "rats", "rx + sex", lung(ties), clusters = "litter")
  cox(paste0("cox_bladder_strata_", ties), "bladder", "rx + number + size",
    list(duration = "stop", event = "event", strata = "enum", ties = ties), clusters = "id")
  cox(paste0("cox_bfeed_", ties), "bfeed", "race + poverty + smoke + school", lung(ties))
  cox(paste0("cox_ovarian_", ties), "ovarian", "age + rx + ecog", lung(ties))
}
