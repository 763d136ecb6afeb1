# What R says of the certified cases, with each program's defaults: writes r.json beside this file, by our names.
#   Rscript tests/certified/peers/figures.R
# Only what a program estimates in the same parametrization is kept.

suppressMessages({
  library(survival); library(MASS); library(nnet); library(pscl); library(VGAM); library(ordinal); library(brglm2)
  library(AER); library(plm); library(geepack); library(cmprsk); library(jsonlite); library(glmmTMB); library(sandwich)
})

script <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
here <- dirname(normalizePath(script))
tables <- c("references", "further", "shares", "durations", "counts", "choices", "corrected", "steps", "robust", "hard")
for (name in tables) assign(name, as.data.frame(fromJSON(file.path(here, "..", paste0(name, ".json")))$data))
references$inner <- (references$share * 13 + 0.5) / 14
further$grade <- factor(further$grade, ordered = TRUE)
further$route <- factor(further$route)

renamed <- function(values, names) {
  names(values) <- names
  as.list(sprintf("%.17g", values)) |> setNames(names)
}

# coefficients, standard errors and log-likelihood of one fit; NULL for what is of another kind
told <- function(names, coef, se, llf = NULL, program) {
  c(list(program = program, params = renamed(coef, names)),
    if (is.null(se)) NULL else list(bse = renamed(se, names)),
    if (is.null(llf)) NULL else list(llf = sprintf("%.17g", llf)))
}

# of a fit with coef, vcov and logLik; the first ones where names are fewer
plain <- function(fit, names, program, llf = as.numeric(logLik(fit))) {
  k <- seq_along(names)
  told(names, as.numeric(coef(fit))[k], sqrt(diag(as.matrix(vcov(fit))))[k], llf, program)
}

X <- c("Intercept", "x"); XZ <- c("Intercept", "x", "z")
truncated <- function(family) {
  fit <- vglm(count ~ x, family, references)
  own <- grep("Intercept.*1$|Intercept.$|^x", names(coef(fit)))
  told(X, coef(fit)[own], sqrt(diag(vcov(fit)))[own], logLik.vlm(fit), "VGAM::vglm")
}
aft <- function(data, dist) {
  fit <- survreg(Surv(time, event) ~ x, data, dist = dist)
  names <- if (dist == "exponential") X else c(X, "[log_scale]")
  told(names, c(coef(fit), if (dist != "exponential") log(fit$scale)), sqrt(diag(vcov(fit))), fit$loglik[2], "survival::survreg")
}
cox <- function(formula, data, ties = "efron", names = c("x", "z"), ...) {
  fit <- coxph(formula, data, ties = ties, ...)
  told(names, coef(fit)[names], sqrt(diag(vcov(fit)))[seq_along(names)], fit$loglik[2], "survival::coxph")
}
hurdled <- function() {
  fit <- hurdle(few ~ x, further, dist = "poisson")
  s <- summary(fit)$coefficients
  told(c(X, "[participation] Intercept", "[participation] x"), c(s$count[1:2, 1], s$zero[, 1]),
       c(s$count[1:2, 2], s$zero[, 2]), as.numeric(logLik(fit)), "pscl::hurdle")
}
inflated <- function() {
  fit <- zeroinfl(few ~ x | 1, further, dist = "poisson")
  s <- summary(fit)$coefficients
  told(c(X, "[inflation] Intercept"), c(s$count[1:2, 1], s$zero[, 1]), c(s$count[1:2, 2], s$zero[, 2]),
       as.numeric(logLik(fit)), "pscl::zeroinfl")
}
firth <- function() {
  fit <- glm(yes ~ x + z, binomial, references, method = "brglmFit", type = "AS_mean")
  plain(fit, XZ, "brglm2::brglmFit", NULL)
}
shares_glm <- function(link) plain(suppressWarnings(glm(share ~ x + z, binomial(link), references)), XZ, "stats::glm", NULL)
choices_of <- function() {
  fit <- nnet::multinom(route ~ x, further, trace = FALSE)
  order <- c("[2] Intercept", "[2] x", "[3] Intercept", "[3] x")
  told(order, as.numeric(t(coef(fit))), sqrt(diag(vcov(fit))), as.numeric(logLik(fit)), "nnet::multinom")
}
conditional <- function(formula, data, names) {
  fit <- clogit(formula, data)
  told(names, coef(fit), sqrt(diag(vcov(fit))), fit$loglik[2], "survival::clogit")
}
ordered_by <- function(link) {
  fit <- clm(grade ~ x, data = further, link = link)
  told(c("[cut] 1|2", "[cut] 2|3", "x"), coef(fit), sqrt(diag(vcov(fit))), as.numeric(logLik(fit)), "ordinal::clm")
}
# firm-years of whole durations
years_of <- function(data, first = rep(0, nrow(data)), event = data$event, years = data$years) {
  rows <- rep(seq_len(nrow(data)), years - first + 1)
  t <- unlist(Map(seq, first, years))
  cbind(data[rows, ], t = t, now = as.numeric(t == years[rows] & event[rows] != 0), kind = (t == years[rows]) * event[rows])
}
hazards <- function(data, link, names, formula = now ~ t + x) plain(glm(formula, binomial(link), data), names, "stats::glm")
betas <- function(data, formula) {
  fit <- glmmTMB(formula, data, family = beta_family())
  told(X, fixef(fit)$cond, sqrt(diag(vcov(fit)$cond)), as.numeric(logLik(fit)), "glmmTMB")
}
tobits <- function() {
  fit <- AER::tobit(share ~ x, left = 0, right = 1, data = references)
  told(c(X, "[log_scale]"), c(coef(fit), log(fit$scale)), sqrt(diag(vcov(fit))), fit$loglik[2], "AER::tobit")
}
brackets <- function() {
  fit <- survreg(Surv(lower, upper, type = "interval2") ~ x, further, dist = "gaussian")
  told(c(X, "[log_scale]"), c(coef(fit), log(fit$scale)), sqrt(diag(vcov(fit))), fit$loglik[2], "survival::survreg")
}
logit_brackets <- function() {
  inner <- transform(shares, l = qlogis(lower), u = qlogis(upper))
  inner <- transform(inner, l = ifelse(is.finite(l), l, NA), u = ifelse(is.finite(u), u, NA))
  fit <- survreg(Surv(l, u, type = "interval2") ~ x, inner, dist = "gaussian")
  # the likelihood is that of log-odds, not of shares
  told(c(X, "[log_scale]"), c(coef(fit), log(fit$scale)), sqrt(diag(vcov(fit))), NULL, "survival::survreg")
}
frailties <- function() {
  fit <- coxph(Surv(time, event) ~ x + frailty(group, distribution = "gamma"), durations)
  told("x", coef(fit)["x"], NULL, NULL, "survival::coxph")
}
subdistribution <- function() {
  fit <- crr(durations$time, durations$move, cov1 = cbind(x = durations$x), failcode = 1, cencode = 0)
  told("x", fit$coef, NULL, fit$loglik, "cmprsk::crr")
}
rivals <- function() {
  data <- years_of(durations, event = durations$move)
  fit <- nnet::multinom(factor(kind) ~ t + x, data, trace = FALSE)
  names <- paste0("[", rep(1:2, each = 3), "] ", c("Intercept", "t", "x"))
  told(names, as.numeric(t(coef(fit))), sqrt(diag(vcov(fit))), as.numeric(logLik(fit)), "nnet::multinom")
}
gravity <- function() {
  fit <- glm(sales ~ far + factor(firm) + factor(place), poisson, counts)
  told("far", coef(fit)["far"], sqrt(vcov(fit)["far", "far"]), as.numeric(logLik(fit)), "stats::glm")
}
two_part <- function() {
  first <- glm((portion > 0) ~ x, binomial, shares)
  second <- suppressWarnings(glm(portion ~ x, quasibinomial, shares, subset = portion > 0))
  unscaled <- summary(second)$cov.unscaled
  told(c(X, "[participate] Intercept", "[participate] x"), c(coef(second), coef(first)),
       c(sqrt(diag(unscaled)), sqrt(diag(vcov(first)))), NULL, "stats::glm")
}
panel <- function(model, names = c("Intercept", "rd", "x")) {
  fit <- plm(share ~ rd + x, steps, index = c("firm", "year"), model = model)
  told(names, coef(fit), sqrt(diag(vcov(fit))), NULL, "plm")
}
two_stages <- function() {
  fit <- AER::ivreg(share ~ x + rd | x + z + other, data = steps)
  n <- nrow(steps)
  told(c("Intercept", "x", "rd"), coef(fit), sqrt(diag(vcov(fit)) * (n - 3) / n), NULL, "AER::ivreg")
}
equations <- function(corstr) {
  data <- transform(steps, mean_rd = ave(rd, firm))
  fit <- suppressWarnings(geeglm(share ~ rd + mean_rd, binomial("probit"), data, id = firm, corstr = corstr))
  told(c("Intercept", "rd", "[average] rd"), coef(fit), sqrt(diag(fit$geese$vbeta)), NULL, "geepack::geeglm")
}

# a generalized linear model of the table of robust errors, without small-sample factors
glm_robust <- function(formula, family, names, clustered = FALSE, weighted = FALSE) {
  data <- transform(robust, used = if (weighted) weight else 1)
  fit <- suppressWarnings(glm(formula, family, data, weights = used))
  # HC0 of the observations, or of sums over clusters
  v <- if (clustered) vcovCL(fit, data$cluster, type = "HC0", cadjust = FALSE) else vcovHC(fit, type = "HC0")
  told(names, coef(fit), sqrt(diag(v)), NULL, "stats::glm, sandwich")
}
cox_robust <- function(clustered) {
  data <- transform(robust, id = if (clustered) cluster else seq_along(time), used = if (clustered) weight else 1)
  fit <- coxph(Surv(time, event) ~ x + z, data, weights = used, cluster = id, robust = TRUE)
  told(c("x", "z"), coef(fit), sqrt(diag(vcov(fit))), fit$loglik[2], "survival::coxph")
}
aft_robust <- function() {
  fit <- survreg(Surv(time, event) ~ x, robust, weights = weight)
  # its own clustered errors (survival 3.5-3) add up the rows of a cluster without their weights
  sums <- rowsum(residuals(fit, "dfbeta") * robust$weight, robust$cluster)
  told(c(X, "[log_scale]"), c(coef(fit), log(fit$scale)), sqrt(diag(crossprod(sums))), fit$loglik[2], "survival::survreg")
}

YEARS <- c("Intercept", "year", "I(year ** 2)")
of_years <- function(outcome, family) {
  fit <- suppressWarnings(glm(reformulate(c("year", "I(year^2)"), outcome), family, hard))
  told(YEARS, coef(fit), sqrt(diag(summary(fit)$cov.unscaled)), NULL, "stats::glm")
}
aft_of_years <- function() {
  fit <- survreg(Surv(time, event) ~ year + I(year^2), hard)
  told(c(YEARS, "[log_scale]"), c(coef(fit), log(fit$scale)), sqrt(diag(vcov(fit))), fit$loglik[2], "survival::survreg")
}

cases <- list(
  "strategy.Logit (quadratic in years)" = function() of_years("yes", binomial),
  "share.Fractional (quadratic in years)" = function() of_years("share", quasibinomial),
  "spread.Poisson (quadratic in years)" = function() of_years("count", poisson),
  "timing.AFT (quadratic in years), event=event" = aft_of_years,
  "strategy.Logit (far from zero)" = function() plain(glm(yes ~ distant, binomial, hard), c("Intercept", "distant"), "stats::glm"),
  "timing.Cox (far from zero), event=event" = function() cox(Surv(time, event) ~ distant, hard, names = "distant"),
  "strategy.Logit, cov_type=robust" = function() glm_robust(yes ~ x + z, binomial, XZ),
  "strategy.Logit, cov_type=clustered" = function() glm_robust(yes ~ x + z, binomial, XZ, TRUE),
  "strategy.Logit, weights=weight, cov_type=clustered" = function() glm_robust(yes ~ x + z, binomial, XZ, TRUE, TRUE),
  "share.Fractional, cov_type=robust" = function() glm_robust(share ~ x + z, quasibinomial, XZ),
  "share.Fractional, weights=weight, cov_type=robust" = function() glm_robust(share ~ x + z, quasibinomial, XZ, FALSE, TRUE),
  "spread.Poisson, cov_type=clustered" = function() glm_robust(count ~ x, poisson, X, TRUE),
  "timing.AFT, event=event, weights=weight, cov_type=clustered" = aft_robust,
  "timing.Cox, event=event, cov_type=robust" = function() cox_robust(FALSE),
  "timing.Cox, event=event, weights=weight, cov_type=clustered" = function() cox_robust(TRUE),
  "strategy.Logit" = function() plain(glm(yes ~ x + z, binomial, references), XZ, "stats::glm"),
  "strategy.Probit" = function() plain(glm(yes ~ x + z, binomial("probit"), references), XZ, "stats::glm"),
  "strategy.CLogLog" = function() plain(glm(yes ~ x + z, binomial("cloglog"), references), XZ, "stats::glm"),
  "strategy.FirthLogit" = firth,
  "strategy.OrderedLogit" = function() ordered_by("logit"),
  "strategy.OrderedProbit" = function() ordered_by("probit"),
  "strategy.MultinomialLogit" = choices_of,
  "strategy.ConditionalLogit, choice_set=chooser" = function() conditional(picked ~ z + strata(chooser), further, "z"),
  "strategy.ConditionalLogit, choice_set=firm" = function() conditional(picked ~ cost + near + strata(firm), choices, c("cost", "near")),
  "share.Fractional" = function() shares_glm("logit"),
  "share.Fractional, link=probit" = function() shares_glm("probit"),
  "share.Beta" = function() betas(references, inner ~ x),
  "share.Tobit" = tobits,
  "share.TwoPart" = two_part,
  "share.Bracketed, dist=normal" = brackets,
  "share.Bracketed" = logit_brackets,
  "share.PanelShare, firm=firm, year=year, effects=fixed" = function() panel("within", names = c("rd", "x")),
  "share.PanelShare, firm=firm, year=year, effects=random" = function() panel("random"),
  "share.PanelShare, firm=firm, year=year, effects=pooled" = function() panel("pooling"),
  "share.IVShare, endogenous=rd, instruments=z + other" = two_stages,
  "share.PanelFractional, firm=firm" = function() equations("independence"),
  "share.PanelFractional, firm=firm, working=exchangeable" = function() equations("exchangeable"),
  "spread.Poisson" = function() plain(glm(count ~ x, poisson, references), X, "stats::glm"),
  "spread.NegativeBinomial" = function() plain(MASS::glm.nb(count ~ x, references), X, "MASS::glm.nb"),
  "spread.ZeroTruncated" = function() truncated(posnegbinomial),
  "spread.ZeroTruncated, dist=poisson" = function() truncated(pospoisson),
  "spread.Hurdle, dist=poisson" = hurdled,
  "spread.ZeroInflated, dist=poisson, inflation=1" = inflated,
  "spread.Regions, dist=binomial" = function() plain(glm(cbind(regions, 8 - regions) ~ x, binomial, further), X, "stats::glm"),
  "spread.GravityPoisson, firm=firm, destination=place" = gravity,
  "timing.Cox, event=event" = function() cox(Surv(time, event) ~ x + z, references),
  "timing.Cox (ties), event=event" = function() cox(Surv(years, event) ~ x + z, further),
  "timing.Cox (ties), event=event, ties=breslow" = function() cox(Surv(years, event) ~ x + z, further, "breslow"),
  "timing.Cox (ties), event=event, ties=exact" = function() cox(Surv(years, event) ~ x + z, durations, "exact"),
  "timing.Cox, event=event, entry=entry, strata=group, frequency=many" = function()
    cox(Surv(entry, time, event) ~ x + z + strata(group), durations[rep(1:24, durations$many), ]),
  "timing.Cox, event=event, frailty=gamma, shared=group" = frailties,
  "timing.AFT, dist=weibull, event=event" = function() aft(references, "weibull"),
  "timing.AFT, dist=lognormal, event=event" = function() aft(references, "lognormal"),
  "timing.AFT, dist=loglogistic, event=event" = function() aft(references, "loglogistic"),
  "timing.AFT, dist=exponential, event=event" = function() aft(references, "exponential"),
  "timing.DiscreteHazard, event=event, baseline=linear" = function()
    hazards(years_of(further), "cloglog", c("Intercept", "t", "x")),
  "timing.DiscreteHazard, event=event, baseline=linear, link=logit" = function()
    hazards(years_of(further), "logit", c("Intercept", "t", "x")),
  "timing.DiscreteHazard, event=event, entry=first, baseline=dummies, link=logit" = function()
    hazards(years_of(durations, durations$first), "logit", c(paste0("t=", 0:6), "x"), now ~ 0 + factor(t) + x),
  "timing.CompetingHazard, event=move, baseline=linear" = rivals,
  "timing.FineGray, event=move, cause=1" = subdistribution
)

found <- list()
for (name in names(cases)) {
  found[[name]] <- tryCatch(cases[[name]](), error = function(e) { message(name, ": ", conditionMessage(e)); NULL })
}
programs <- c("survival", "MASS", "nnet", "pscl", "VGAM", "ordinal", "brglm2", "AER", "plm", "geepack", "cmprsk", "glmmTMB", "sandwich")
versions <- sapply(programs, function(p) as.character(packageVersion(p)))
writeLines(toJSON(list(R = paste(R.version$major, R.version$minor, sep = "."), versions = as.list(versions), cases = found),
                  auto_unbox = TRUE, pretty = TRUE), file.path(here, "r.json"))
