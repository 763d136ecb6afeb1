# Correlated random effects fractional probit in panels: averages within firms and, where panels are unbalanced, indicators
# of the number of years; pooled quasi-likelihood (stats::glm, polished in high precision), or estimating equations under
# one working correlation, solved again from their definition in Liang and Zeger (1986) with a matrix for each firm; errors
# clustered by firm.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")

# Coefficients and clustered errors; the correlation is the mean product of Pearson residuals over their scale, both with the
# number of coefficients taken off their counts.
equations <- function(y, Z, link, firm) {
  family <- make.link(link)
  b <- glm_start(y, Z, link)
  rows <- split(seq_along(y), firm)
  for (i in 1:200) {
    eta <- drop(Z %*% b); mu <- family$linkinv(eta); unit <- sqrt(mu * (1 - mu)); r <- (y - mu) / unit
    products <- vapply(rows, function(k) { one <- outer(r[k], r[k]); sum(one[upper.tri(one)]) }, 0)
    pairs <- sum(vapply(rows, function(k) choose(length(k), 2), 0))
    alpha <- sum(products) / (pairs - ncol(Z)) / (sum(r^2) / (length(y) - ncol(Z)))
    parts <- lapply(rows, function(k) { D <- Z[k, , drop = FALSE] * family$mu.eta(eta[k])
      V <- outer(unit[k], unit[k]) * (alpha + (1 - alpha) * diag(length(k)))
      list(H = t(D) %*% solve(V, D), s = drop(t(D) %*% solve(V, y[k] - mu[k]))) })
    A <- solve(Reduce(`+`, lapply(parts, `[[`, "H")))
    scores <- t(vapply(parts, `[[`, b, "s"))
    step <- drop(A %*% colSums(scores)); b <- b + step
    if (max(abs(step) / se(A)) < 1e-12) break
  }
  list(params = setNames(b, colnames(Z)), bse_clustered = setNames(se(A %*% crossprod(scores) %*% A), colnames(Z)))
}

panel <- function(case, link, covariates, data = "seatbelts", outcome = "seatbelt", working = "independence") {
  d <- read_data(data)
  X <- design(paste("~", covariates), d)
  averages <- apply(X[, -1, drop = FALSE], 2, ave, d$state)
  years <- ave(d$year, d$state, FUN = length)
  lengths <- head(sort(unique(years)), -1)
  counted <- matrix(as.numeric(outer(years, lengths, "==")), nrow(X), dimnames = list(NULL, sprintf("years=%d", lengths)))
  Z <- cbind(averages, if (length(lengths)) counted)
  colnames(Z) <- sprintf("[average] %s", colnames(Z))
  pooled <- working == "independence"
  fit <- if (pooled) fit_binary(d[[outcome]], cbind(X, Z), link, cluster = d$state) else equations(d[[outcome]], cbind(X, Z), link, d$state)
  figures(case, "share.PanelFractional", data, c(list(formula = paste(outcome, "~", covariates), firm = "state", link = link),
    if (!pooled) list(working = working)), c("stats", if (pooled) "Rmpfr"), clusters = "state", params = fit$params,
    bse_clustered = fit$bse_clustered, llf = fit$llf)
}
panel("panel_seatbelts_probit", "probit", "speed65 + income + age")
panel("panel_seatbelts_logit", "logit", "speed65 + drinkage + income")
panel("panel_jobless_probit", "probit", "income + beertax + miles", "jobless", "unemployment")
panel("panel_seatbelts_exchangeable", "probit", "speed65 + income + age", working = "exchangeable")
panel("panel_jobless_exchangeable", "logit", "income + beertax + miles", "jobless", "unemployment", working = "exchangeable")
