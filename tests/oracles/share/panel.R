# Correlated random effects fractional probit in an unbalanced panel: averages within firms and indicators of the number of
# years, pooled quasi-likelihood (stats::glm, polished in high precision), errors clustered by firm.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")

panel <- function(case, link, covariates) {
  d <- read_data("seatbelts")
  X <- design(paste("~", covariates), d)
  averages <- apply(X[, -1, drop = FALSE], 2, ave, d$state)
  years <- ave(d$year, d$state, FUN = length)
  lengths <- head(sort(unique(years)), -1)
  counted <- matrix(as.numeric(outer(years, lengths, "==")), nrow(X), dimnames = list(NULL, sprintf("years=%d", lengths)))
  Z <- cbind(averages, counted)
  colnames(Z) <- sprintf("[average] %s", colnames(Z))
  fit <- fit_binary(d$seatbelt, cbind(X, Z), link, cluster = d$state)
  figures(case, "share.PanelFractional", "seatbelts", list(formula = paste("seatbelt ~", covariates), firm = "state", link = link),
    c("stats", "Rmpfr"), clusters = "state", params = fit$params, bse_clustered = fit$bse_clustered, llf = fit$llf)
}
panel("panel_seatbelts_probit", "probit", "speed65 + income + age")
panel("panel_seatbelts_logit", "logit", "speed65 + drinkage + income")
