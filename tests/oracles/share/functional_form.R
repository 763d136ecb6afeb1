# Is the mean of a fractional regression right? Robust score tests by the auxiliary regression of Wooldridge (1991), also in
# Papke and Wooldridge (1996): one on the weighted residual times what the model's gradient leaves of the added variables.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")

tests_of_form <- function(case, data, outcome, covariates, link, rival) {
  d <- read_data(data); y <- d[[outcome]]; X <- design(paste("~", covariates), d)
  mean_of <- function(link) { e <- drop(X %*% fit_binary(y, X, link)$params)
    list(index = e, mu = exp(asNumeric(links[[link]]$log_p(list(precise(e))[[1]]))), slope = if (link == "loglog") exp(-e - exp(-e)) else make.link(link)$mu.eta(e)) }
  m <- mean_of(link)
  spread <- sqrt(m$mu * (1 - m$mu))
  lm_statistic <- function(extra) {
    extra <- as.matrix(extra) / spread
    r <- as.matrix(residuals(lm(extra ~ I(X * m$slope / spread) - 1)))
    r <- r[, colSums(r^2) > 1e-16 * colSums(extra^2), drop = FALSE]  # F log F is the slope itself under log-log
    one <- rep(1, length(y))
    list(statistic = length(y) - deviance(lm(one ~ I(r * (y - m$mu) / spread) - 1)), df = ncol(r))
  }
  figures(case, "share.Fractional", data, list(formula = paste(outcome, "~", covariates), link = link), c("stats", "Rmpfr"),
    form = list(rival = rival, reset2 = lm_statistic(m$slope * m$index^2), reset3 = lm_statistic(cbind(m$slope * m$index^2, m$slope * m$index^3)),
      ggoff = lm_statistic(cbind(m$mu * log(m$mu), (1 - m$mu) * log(1 - m$mu))), p_test = lm_statistic(mean_of(rival)$mu - m$mu)))
}
tests_of_form("functional_form_schools_logit", "schools", "english", "income + expenditure + logstudents", "logit", "cloglog")
tests_of_form("functional_form_schools_probit", "schools", "english", "income + expenditure + logstudents", "probit", "logit")
tests_of_form("functional_form_petrol_loglog", "petrol", "share", "temp + gravity", "loglog", "logit")
