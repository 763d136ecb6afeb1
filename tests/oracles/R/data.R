# The data: small real data sets shipped with R packages, exported once to data/*.csv, with their sources in
# data/sources.csv. Categories become words, so that every program codes them the same way (sorted, first one the base).

source("R/figures.R")
suppressMessages({
  library(survival); library(MASS); library(pscl); library(AER); library(KMsurv)
  library(ordinal); library(brglm2); library(VGAM); library(geepack)
})
sources <- list()

fetch <- function(package, name) {
  place <- new.env()
  suppressWarnings(try(data(list = name, package = package, envir = place), silent = TRUE))
  if (exists(name, place, inherits = FALSE)) get(name, place) else getExportedValue(package, name)
}

# Write the columns: factors as text, numbers to eight digits, rows with a missing value left out.
put <- function(name, package, object, why, frame) {
  frame[] <- lapply(frame, function(v) if (is.factor(v)) as.character(v) else v)
  frame <- frame[complete.cases(frame), ]
  for (j in names(frame)) if (is.numeric(frame[[j]])) frame[[j]] <- vapply(signif(frame[[j]], 8), json_number, "")
  write.csv(frame, file.path("data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
  sources[[name]] <<- data.frame(name, package, object, licence = packageDescription(package)$License, rows = nrow(frame),
    columns = ncol(frame), why)
}

word <- function(x, ...) unname(c(...)[match(x, as.numeric(names(c(...))))])

# ---- durations ----------------------------------------------------------------------------------------------------
d <- fetch("survival", "lung")
d <- d[complete.cases(d[c("inst", "ph.ecog", "ph.karno", "pat.karno", "age")]), ]
i <- seq_len(nrow(d))
put("lung", "survival", "lung", "days, ties, clusters; weight, repeats and quarters (91.3125 days) are made from the row and the time",
  with(d, data.frame(inst, time, event = status - 1, age, sex = word(sex, "1" = "male", "2" = "female"), ecog = ph.ecog,
    karno = ph.karno / 10, weight = 0.5 + (i %% 4) / 2, repeats = 1 + i %% 3, quarter = floor(time / 91.3125))))

d <- fetch("survival", "veteran")
put("veteran", "survival", "veteran", "days, a category of four; months (30.4375 days) are made from the time",
  with(d, data.frame(time, event = status, trt = word(trt, "1" = "standard", "2" = "test"), celltype, karno = karno / 10,
    age = age / 10, prior = word(prior, "0" = "no", "10" = "yes"), month = floor(time / 30.4375))))

d <- fetch("survival", "heart")
put("heart", "survival", "heart", "late entry and a covariate that changes with time (one row an interval)",
  with(d, data.frame(id, start, stop, event, age = age / 10, year, surgery, transplant = as.numeric(as.character(transplant)))))

d <- fetch("KMsurv", "channing")
d <- d[d$age > 816, ]
d <- with(d, data.frame(id = obs, entry = pmax(ageentry - 816, 0), time = age - 816, event = death,
  sex = ifelse(gender == 1, "male", "female")))
d <- d[d$entry < d$time, ]
put("channing", "KMsurv", "channing", "late entry: months after the 68th birthday at entry and exit; years are those months in twelves",
  transform(d, entry_year = floor(entry / 12), year = floor(time / 12)))

d <- fetch("survival", "rats")
put("rats", "survival", "rats", "clusters of three (litters), heavy censoring; decades are ten weeks; late entry and repeats are made from the row",
  with(d, data.frame(litter, rx, time, event = status, sex, decade = floor(time / 10),
    entry = ifelse(seq_len(nrow(d)) %% 3 == 0, floor(time / 4), 0), repeats = 1 + seq_len(nrow(d)) %% 2)))

d <- fetch("survival", "bladder")
put("bladder", "survival", "bladder", "several spells a person, strata",
  with(d, data.frame(id, rx = rx - 1, number, size, stop, event, enum = paste0("spell", enum))))

d <- fetch("KMsurv", "bfeed")
put("bfeed", "KMsurv", "bfeed", "weeks, 927 rows, very heavy ties; months are weeks in fours",
  with(d, data.frame(time = duration, event = delta, race = word(race, "1" = "white", "2" = "black", "3" = "other"), poverty,
    smoke, school = yschool, month = pmin(floor(duration / 4), 24))))

d <- fetch("brglm2", "coalition")
put("coalition", "brglm2", "coalition", "months that governments last, few of them beyond three years",
  with(d, data.frame(time = duration, event = ciep12, invest, fract = fract / 100, polar, numst2, crisis,
    half_year = floor(duration / 6))))

d <- fetch("MASS", "Melanoma")
put("melanoma", "MASS", "Melanoma", "long follow-up, many never have the event; two competing causes (1 melanoma, 2 other, 0 none); late entry, weight and repeats are made from the row",
  with(d, data.frame(time = time / 365.25, year = floor(time / 365.25), entry = ifelse(seq_len(nrow(d)) %% 3 == 0, time / 1461, 0), entry_year = (seq_len(nrow(d)) %% 3 == 0) * pmin(1, floor(time / 365.25)), event = as.numeric(status == 1), cause = word(status, "1" = 1, "2" = 0, "3" = 2),
    sex = ifelse(sex == 1, "male", "female"), age = age / 10, thickness, depth = log(thickness), ulcer,
    weight = 0.5 + (seq_len(nrow(d)) %% 4) / 2, repeats = 1 + seq_len(nrow(d)) %% 3)))

d <- fetch("survival", "mgus2")
d <- head(d[complete.cases(d[c("hgb", "creat", "mspike")]) & d$age >= 60, ], 500)
i <- seq_len(nrow(d))
put("mgus", "survival", "mgus2", "late entry (age at diagnosis, from 60) and two competing causes (1 malignancy, 2 death, 0 none); the first 500 rows, times made distinct by a small number for each row",
  with(d, data.frame(entry = age, time = age + (ptime + 0.5) / 12 + i / 1e5, cause = ifelse(pstat == 1, 1, ifelse(death == 1, 2, 0)),
    sex = word(as.numeric(sex), "1" = "female", "2" = "male"), hgb, creat, mspike)))

d <- fetch("KMsurv", "bmt")
put("bmt", "KMsurv", "bmt", "competing causes (1 relapse, 2 death, 0 none), three groups",
  with(d, data.frame(time = t2, cause = ifelse(d2 == 1, 1, ifelse(d1 == 1, 2, 0)),
    group = word(group, "1" = "all", "2" = "aml_low", "3" = "aml_high"), age = z1 / 10, fab = z8, wait = z7 / 100, half_year = floor(t2 / 182.625))))

d <- fetch("KMsurv", "bcdeter")
put("bcdeter", "KMsurv", "bcdeter", "interval-censored durations (months); an infinite upper limit is censored on the right",
  with(d, data.frame(lower, upper = ifelse(is.na(upper), Inf, upper), treat = word(treat, "1" = "radiation", "2" = "both"))))

d <- fetch("survival", "ovarian")
put("ovarian", "survival", "ovarian", "26 rows: the small sample",
  with(d, data.frame(time = futime, event = fustat, age = age / 10, resid = resid.ds, rx = rx - 1, ecog = ecog.ps - 1)))

# ---- shares -------------------------------------------------------------------------------------------------------
edges <- c(0, .10, .25, .50, .75, 1)
bracket <- function(y) findInterval(y, edges, left.open = TRUE, rightmost.closed = TRUE, all.inside = TRUE)

d <- fetch("AER", "CASchools")
i <- seq_len(nrow(d))
put("schools", "AER", "CASchools", "shares with zeros (English learners, lunch), 45 counties as clusters; repeats are made from the row",
  with(d, data.frame(county, english = english / 100, calworks = calworks / 100, lunch = lunch / 100,
    grades = ifelse(grades == "KK-08", "elementary", "to_six"), income = income / 10, expenditure = expenditure / 1000,
    logstudents = log(students), students = students / 1000, score = (read + math) / 200, repeats = 1 + i %% 3)))

y <- d$english / 100
put("answers", "AER", "CASchools", "the share of English learners as a survey would ask it: zeros exact, the others in brackets, every third row exact",
  with(d, data.frame(county, share = y, lower = ifelse(y == 0 | i %% 3 == 0, y, edges[bracket(y)]),
    upper = ifelse(y == 0 | i %% 3 == 0, y, edges[bracket(y) + 1]), income = income / 10, logstudents = log(students), repeats = 1 + i %% 3)))

d <- d[d$lunch > 0 & d$lunch < 100, ]
i <- seq_len(nrow(d))
y <- d$lunch / 100
exact <- i %% 3 == 0
put("lunch", "AER", "CASchools", "the share of subsidized lunch as a survey would ask it: brackets with edges 0, .10, .25, .50, .75, 1, every third row exact",
  with(d, data.frame(county, share = y, lower = ifelse(exact, y, edges[bracket(y)]), upper = ifelse(exact, y, edges[bracket(y) + 1]),
    income = income / 10, expenditure = expenditure / 1000, logstudents = log(students),
    grades = ifelse(grades == "KK-08", "elementary", "to_six"), weight = 0.5 + (i %% 4) / 2)))

d <- fetch("MASS", "petrol")
y <- d$Y / 100
put("petrol", "MASS", "petrol", "32 shares inside (0, 1), ten batches as clusters; the same brackets, every row bracketed in lower and upper",
  data.frame(batch = as.character(d$No), share = y, lower = edges[bracket(y)], upper = edges[bracket(y) + 1],
    temp = d$EP / 100, gravity = d$SG / 10, pressure = d$VP, vapour = d$V10 / 100))

d <- fetch("AER", "MASchools")
i <- seq_len(nrow(d))
put("districts", "AER", "MASchools", "shares with zeros (English learners, lunch), in districts of another state; region and repeats are made from the row",
  with(d, data.frame(region = paste0("r", i %% 25), english = english / 100, lunch = lunch / 100, special = special / 100, income = income / 10,
    expenditure = exptot / 1000, regular = expreg / 1000, ratio = stratio / 10, repeats = 1 + i %% 3)))

d <- fetch("AER", "USSeatBelts")
put("seatbelts", "AER", "USSeatBelts", "an unbalanced panel of shares: 51 states, 1983-1997",
  with(d, data.frame(state, year = as.numeric(as.character(year)), seatbelt, fatalities = fatalities * 1000,
    speed65 = as.numeric(speed65 == "yes"), drinkage = as.numeric(drinkage == "yes"), income = income / 10000, age = age / 10,
    enforce)))

d <- fetch("AER", "Fatalities")
put("jobless", "AER", "Fatalities", "a balanced panel of shares (unemployment, employment): 48 states, 1982-1988",
  with(d, data.frame(state, year = as.numeric(as.character(year)), unemployment = unemp / 100, employment = emppop / 100,
    income = income / 10000, beertax, miles = miles / 10000, young = youngdrivers, growth = gsp)))

d <- fetch("AER", "PSID1976")
put("mroz", "AER", "PSID1976", "selection: wages of those who work; hours censored at zero",
  with(d, data.frame(work = as.numeric(participation == "yes"), logwage = ifelse(wage > 0, log(pmax(wage, 1e-9)), 0), wage,
    hours = hours / 1000, education, experience, experience2 = experience^2 / 100, age = age / 10, youngkids, oldkids,
    income = fincome / 10000, city)))

d <- fetch("AER", "Affairs")
put("affairs", "AER", "Affairs", "an outcome with three quarters zeros",
  with(d, data.frame(affairs, gender, age = age / 10, yearsmarried, children, religiousness, occupation, rating)))

# ---- counts -------------------------------------------------------------------------------------------------------
d <- fetch("MASS", "quine")
put("quine", "MASS", "quine", "146 over-dispersed counts, categories only (many identical rows)",
  with(d, data.frame(days = Days, eth = Eth, sex = Sex, age = Age, lrn = Lrn)))

d <- fetch("pscl", "bioChemists")
i <- seq_len(nrow(d))
put("biochemists", "pscl", "bioChemists", "915 counts with 275 zeros; lab (clusters of five) and repeats are made from the row",
  with(d, data.frame(art, fem = ifelse(fem == "Women", "woman", "man"), mar = tolower(mar), kid5, phd, ment = ment / 10,
    lab = (i - 1) %/% 5, repeats = 1 + i %% 3)))

d <- fetch("AER", "RecreationDemand")
put("recreation", "AER", "RecreationDemand", "659 counts, two thirds zeros, heaped at tens",
  with(d, data.frame(trips, quality, ski, income, userfee, costC = costC / 100, costS = costS / 100, costH = costH / 100)))

d <- fetch("AER", "NMES1988")
d <- d[seq(1, nrow(d), by = 10), ]
put("visits", "AER", "NMES1988", "every tenth row: 441 counts of visits, up to 100",
  with(d, data.frame(visits, health, chronic, gender, school = school / 10, insurance, age)))

# ---- choices ------------------------------------------------------------------------------------------------------
d <- fetch("MASS", "birthwt")
i <- seq_len(nrow(d))
put("birthwt", "MASS", "birthwt", "a binary outcome; weight, repeats and ward (clusters) are made from the row",
  with(d, data.frame(low, age = age / 10, lwt = lwt / 100, race = word(race, "1" = "white", "2" = "black", "3" = "other"),
    smoke, ptl, ht, ui, weight = 0.5 + (i %% 4) / 2, repeats = 1 + i %% 3, ward = paste0("w", i %% 12))))

d <- fetch("brglm2", "endometrial")
put("endometrial", "brglm2", "endometrial", "79 rows, quasi-separated by nv", with(d, data.frame(hg = HG, nv = NV, pi = PI / 10, eh = EH)))

d <- fetch("brglm2", "lizards")
long <- do.call(rbind, lapply(seq_len(nrow(d)), function(i) with(d[i, ], data.frame(grahami = c(1, 0),
  height = ifelse(height == "<5ft", "low", "high"), diameter = ifelse(diameter == "<=2in", "thin", "thick"), light = as.character(light),
  time = as.character(time), count = c(grahami, opalinus)))))
put("lizards", "brglm2", "lizards", "cells with counts (frequency weights), one of them empty", long[long$count > 0, ])

d <- fetch("AER", "SwissLabor")
put("swiss", "AER", "SwissLabor", "872 binary outcomes",
  with(d, data.frame(work = as.numeric(participation == "yes"), income, age, age2 = age^2, education, youngkids, oldkids, foreign)))

d <- fetch("ordinal", "wine")
put("wine", "ordinal", "wine", "an ordered outcome of five classes, judges as clusters",
  with(d, data.frame(rating, temp, contact, bottle = paste0("b", bottle), judge)))

d <- fetch("MASS", "housing")
put("housing", "MASS", "housing", "an ordered outcome in cells with counts (frequency weights)",
  with(d, data.frame(sat = word(as.numeric(Sat), "1" = 1, "2" = 2, "3" = 3), infl = tolower(Infl), type = tolower(Type), cont = tolower(Cont), freq = Freq)))

d <- fetch("AER", "TravelMode")
put("travel", "AER", "TravelMode", "choice among four modes, one row an alternative; two ways of nesting them",
  with(d, data.frame(individual, mode, choice = as.numeric(choice == "yes"), wait = wait / 10, vcost = vcost / 10, travel = travel / 100,
    gcost = gcost / 10, income = income / 10, size, air = as.numeric(mode == "air"), bus = as.numeric(mode == "bus"),
    train = as.numeric(mode == "train"), nest = ifelse(mode == "air", "fly", "ground"),
    kind = ifelse(mode %in% c("air", "car"), "private", "public"), air_income = (mode == "air") * income / 10)))

d <- fetch("AER", "BankWages")
put("bankjobs", "AER", "BankWages", "an unordered outcome of three classes with an empty cell (no woman is a custodian)",
  with(d, data.frame(job, education = education / 10, gender, minority)))

d <- fetch("pscl", "vote92")
put("vote92", "pscl", "vote92", "an unordered outcome of three classes",
  with(d, data.frame(vote, dem, rep, female, persfinance, natlecon)))

d <- fetch("VGAM", "backPain")
put("backpain", "VGAM", "backPain", "an ordered outcome of six classes, 101 rows",
  with(d, data.frame(pain = as.numeric(pain), x1, x2, x3)))

d <- datasets::infert
put("infert", "datasets", "infert", "matched sets of one case and two controls",
  with(d, data.frame(stratum, case, spontaneous, induced, parity)))

d <- fetch("geepack", "ohio")
put("ohio", "geepack", "ohio", "four binary outcomes a child",
  with(d, data.frame(id, wheeze = resp, age, smoke)))

d <- aggregate(resp ~ id + smoke, d, sum)
put("wheezing", "geepack", "ohio", "how many of four yearly visits found wheezing; repeats are made from the row",
  with(d[order(d$id), ], data.frame(id, visits = resp, smoke, repeats = 1 + seq_along(id) %% 3)))

d <- fetch("MASS", "bacteria")
put("bacteria", "MASS", "bacteria", "repeated binary outcomes, small clusters of uneven size",
  with(d, data.frame(present = as.numeric(y == "y"), week, id = as.character(ID), trt = gsub("+", "_plus", as.character(trt), fixed = TRUE))))

write.csv(do.call(rbind, sources), "data/sources.csv", row.names = FALSE)
