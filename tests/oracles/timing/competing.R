# Competing events: cumulative incidence and Gray's test (cmprsk::cuminc, survival::survfit), Fine-Gray (cmprsk::crr), and the
# multinomial discrete hazard (an independent likelihood of the firm-period table).
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")
suppressMessages({ library(cmprsk); library(survival) })

incidence <- function(case, data, group, entry = NULL) {
  d <- read_data(data)
  causes <- sort(setdiff(unique(d$cause), 0))
  one <- function(rows) {
    x <- d[rows, ]
    s <- survfit(Surv(time, factor(cause, c(0, causes))) ~ 1, x)
    own <- cuminc(x$time, x$cause)
    at <- lapply(causes, function(k) {
      step <- timepoints(own[paste("1", k)], s$time)
      list(incidence = I(s$pstate[, match(k, s$states)]), variance_cuminc = I(as.vector(step$var)), se_survfit = I(s$std.err[, match(k, s$states)]))
    })
    c(list(time = I(s$time)), setNames(at, causes))
  }
  groups <- split(seq_len(nrow(d)), d[[group]])
  gray <- cuminc(d$time, d$cause, d[[group]])$Tests
  figures(case, "timing.CumulativeIncidence", data, list(formula = paste("time ~", group), event = "cause"), c("cmprsk", "survival"),
    groups = lapply(groups, one), gray = setNames(lapply(seq_along(causes), function(k) list(statistic = gray[k, "stat"], pvalue = gray[k, "pv"],
      df = gray[k, "df"])), causes))
}
# late entry: shares by survfit alone (cuminc and Gray's test know none); its errors are the infinitesimal jackknife, which is
# the delta method of ours only where nobody enters late
late_incidence <- function(case, data, group, by = NULL) {
  d <- read_data(data)
  if (!is.null(by)) d <- d[rep(seq_len(nrow(d)), d[[by]]), ]
  causes <- sort(setdiff(unique(d$cause), 0))
  one <- function(rows) {
    x <- d[rows, ]; x$row <- seq_len(nrow(x))
    s <- survfit(Surv(entry, time, factor(cause, c(0, causes))) ~ 1, x, id = row, timefix = FALSE)
    happened <- rowSums(s$n.event[, match(causes, s$states)]) > 0
    c(list(time = I(s$time[happened])), setNames(lapply(match(causes, s$states), function(k)
      list(incidence = I(s$pstate[happened, k]))), causes))
  }
  figures(case, "timing.CumulativeIncidence", data, c(list(formula = paste("time ~", group), event = "cause", entry = "entry"),
    if (!is.null(by)) list(frequency = by)), "survival", groups = lapply(split(seq_len(nrow(d)), d[[group]]), one))
}
late_incidence("incidence_mgus_entry", "mgus", "sex")
late_incidence("incidence_melanoma_entry", "melanoma", "sex", "repeats")
incidence("incidence_bmt", "bmt", "group")
incidence("incidence_melanoma", "melanoma", "sex")

fine_gray <- function(case, data, covariates, cause, frequency = NULL) {
  d <- read_data(data)
  if (!is.null(frequency)) d <- d[rep(seq_len(nrow(d)), d[[frequency]]), ]
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  fit <- crr(d$time, d$cause, X, failcode = cause, cencode = 0, gtol = 1e-13, maxiter = 100)
  name <- function(x) setNames(as.vector(x), colnames(X))
  figures(case, "timing.FineGray", data, list(formula = paste("time ~", covariates), event = "cause", cause = cause, frequency = frequency), "cmprsk",
    params = name(fit$coef), bse = name(se(fit$invinf)), bse_robust = name(se(fit$var)), llf = fit$loglik, llnull = fit$loglik.null,
    nobs = nrow(d))
}
fine_gray("fine_gray_bmt_1", "bmt", "group + age + fab", 1)
fine_gray("fine_gray_bmt_2", "bmt", "group + age + wait", 2)
fine_gray("fine_gray_melanoma_1", "melanoma", "sex + age + thickness + ulcer", 1)
fine_gray("fine_gray_melanoma_frequency_2", "melanoma", "sex + age", 2, "repeats")

# Late entry (Geskus): the expanded table of survival::finegray, whose weights hold the censoring and the entry distribution.
# Its robust errors take the weights for known, ours do not, so that the model-based ones are compared. No time is that of an
# event and of a censored row, which finegray and crr order differently.
fine_gray_late <- function(case, data, covariates, cause) {
  d <- read_data(data)
  stopifnot(!any(d$time[d$cause == 0] %in% d$time[d$cause != 0]))
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  d$id <- seq_len(nrow(d)); d$state <- factor(d$cause, c(0, sort(setdiff(unique(d$cause), 0))))
  long <- finegray(Surv(entry, time, state) ~ id, d, id = id, etype = as.character(cause), timefix = FALSE)
  fit <- coxph(Surv(long$fgstart, long$fgstop, long$fgstatus) ~ X[long$id, ], weights = long$fgwt, ties = "breslow",
    control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50, timefix = FALSE))
  name <- function(x) setNames(as.vector(x), colnames(X))
  figures(case, "timing.FineGray", data, list(formula = paste("time ~", covariates), event = "cause", cause = cause, entry = "entry"), "survival",
    params = name(coef(fit)), bse = name(se(fit$naive.var)), llf = fit$loglik[2], llnull = fit$loglik[1], nobs = nrow(d))
}
fine_gray_late("fine_gray_mgus_entry_1", "mgus", "sex + hgb + mspike", 1)
fine_gray_late("fine_gray_mgus_entry_2", "mgus", "sex + hgb + creat", 2)
fine_gray_late("fine_gray_melanoma_entry_1", "melanoma", "sex + depth + ulcer", 1)

competing <- function(case, data, duration, covariates, baseline = "log", entry = NULL, clusters = NULL, ...) {
  d <- read_data(data)
  options <- list(...)
  first <- if (is.null(entry)) 0 * d[[duration]] else d[[entry]]
  row <- rep(seq_len(nrow(d)), d[[duration]] - first + 1)
  t <- sequence(d[[duration]] - first + 1) - 1 + first[row]
  y <- ifelse(t == d[[duration]][row], d$cause[row], 0)
  causes <- sort(setdiff(unique(d$cause), 0))
  B <- list(log = cbind(Intercept = 1, "log(t+1)" = log(t + 1)), quadratic = cbind(Intercept = 1, t = t, "t^2" = t^2))[[baseline]]
  X <- cbind(B, design(paste("~", covariates), d)[row, -1, drop = FALSE])
  at <- cbind(seq_along(y), match(y, c(0, causes)))
  units <- function(theta) {
    eta <- cbind(0, X %*% matrix(theta, ncol(X)))
    top <- do.call(pmax, as.data.frame(eta))
    rowsum(eta[at] - top - log(rowSums(exp(eta - top))), row)[, 1]
  }
  names <- as.vector(outer(colnames(X), causes, function(x, k) sprintf("[%s] %s", k, x)))
  column <- function(name) if (!is.null(name)) d[[name]]
  start <- rep(c(-2, rep(0, ncol(X) - 1)), length(causes))
  fit <- peak(units, start, names, frequency = column(options$frequency), weights = column(options$weights), cluster = column(clusters))
  call <- c(list(formula = paste(duration, "~", covariates), event = "cause", baseline = baseline), if (!is.null(entry)) list(entry = entry), options)
  do.call(figures, c(list(case, "timing.CompetingHazard", data, call, "numDeriv", clusters = clusters), estimates(fit)))
}
competing("competing_bmt", "bmt", "half_year", "age + fab", clusters = "group")
competing("competing_melanoma", "melanoma", "year", "sex + age + ulcer", "quadratic")
competing("competing_melanoma_entry", "melanoma", "year", "thickness + ulcer", entry = "entry_year", frequency = "repeats")
competing("competing_melanoma_weights", "melanoma", "year", "thickness + ulcer", weights = "weight")
