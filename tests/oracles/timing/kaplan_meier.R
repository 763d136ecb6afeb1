# Kaplan-Meier curves with log-log intervals, medians, restricted means; Nelson-Aalen (survival::survfit).
source("R/figures.R")
suppressMessages(library(survival))

curve <- function(s) with(s, list(time = I(time), n_risk = I(n.risk), n_event = I(n.event), n_censor = I(n.censor),
  survival = I(surv), std_err = I(if (logse) surv * std.err else std.err), lower = I(lower), upper = I(upper), cumhaz = I(cumhaz), std_cumhaz = I(std.chaz)))

summary_of <- function(s, tau) {
  q <- quantile(s, c(.25, .5, .75))
  r <- summary(s, rmean = tau)$table
  list(curve = curve(s),
    quantiles = list(at = I(c(.25, .5, .75)), time = I(unname(q$quantile)), lower = I(unname(q$lower)),
      upper = I(unname(q$upper))),
    restricted_mean = list(tau = tau, mean = r[["rmean"]], std_err = r[["se(rmean)"]]))
}

km <- function(case, data, response, call, tau, group = NULL, ...) {
  d <- read_data(data)
  fit <- function(rows) {
    args <- list(...)
    for (a in c("weights", "cluster")) if (!is.null(args[[a]])) args[[a]] <- d[rows, args[[a]]]
    do.call(survfit, c(list(as.formula(response), data = d[rows, ], conf.type = "log-log"), args))
  }
  groups <- if (is.null(group)) list(all = rep(TRUE, nrow(d))) else lapply(split(seq_len(nrow(d)), d[[group]]), identity)
  figures(case, "timing.KaplanMeier", data, call, "survival", groups = lapply(groups, function(r) summary_of(fit(r), tau)))
}

km("km_lung", "lung", "Surv(time, event) ~ 1", list(duration = "time", event = "event"), 365)
km("km_lung_sex", "lung", "Surv(time, event) ~ 1", list(duration = "time", event = "event", by = "sex"), 365, group = "sex")
km("km_lung_quarter", "lung", "Surv(quarter, event) ~ 1", list(duration = "quarter", event = "event"), 8)
km("km_lung_frequency", "lung", "Surv(time, event) ~ 1", list(duration = "time", event = "event", frequency = "repeats"), 365,
  weights = "repeats", robust = FALSE)
km("km_lung_weights", "lung", "Surv(time, event) ~ 1", list(duration = "time", event = "event", weights = "weight"), 365,
  weights = "weight", robust = TRUE)
km("km_rats_clusters", "rats", "Surv(time, event) ~ 1", list(duration = "time", event = "event", clusters = "litter"), 100,
  cluster = "litter")
km("km_heart_entry", "heart", "Surv(start, stop, event) ~ 1", list(duration = "stop", entry = "start", event = "event"), 365)
km("km_channing_entry", "channing", "Surv(entry, time, event) ~ 1", list(duration = "time", entry = "entry", event = "event", by = "sex"),
  240, group = "sex")
km("km_bfeed_race", "bfeed", "Surv(time, event) ~ 1", list(duration = "time", event = "event", by = "race"), 52, group = "race")
