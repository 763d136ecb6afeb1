# Heckman's selection model by an independent likelihood, and in two steps with the covariance of Heckman (1979); the
# fractional selection model by its quasi-likelihood.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")

heckman <- function(seen, y) function(eta) {
  rho <- tanh(eta$atanh_rho); z <- (y - eta$mean) / exp(eta$log_scale)
  ifelse(seen, dnorm(z, log = TRUE) - eta$log_scale + pnorm((eta$select + rho * z) / sqrt(1 - rho^2), log.p = TRUE),
    pnorm(-eta$select, log.p = TRUE))
}

steps <- function(y, seen, X, Z) {
  probit <- glm.fit(Z, as.numeric(seen), family = binomial("probit"), control = list(epsilon = 1e-15, maxit = 100))
  index <- drop(Z %*% probit$coefficients)
  mills <- exp(dnorm(index, log = TRUE) - pnorm(index, log.p = TRUE))
  W <- cbind(X, mills)[seen, ]
  b <- qr.coef(qr(W), y[seen]); residual <- y[seen] - drop(W %*% b)
  delta <- (mills * (mills + index))[seen]
  lambda <- b[[length(b)]]
  s2 <- mean(residual^2) + mean(delta) * lambda^2
  rho2 <- lambda^2 / s2
  V1 <- solve(crossprod(Z, Z * (mills * dnorm(index) / pnorm(-index))))
  bread <- solve(crossprod(W)); D <- crossprod(W, Z[seen, ] * delta)
  V <- s2 * bread %*% (crossprod(W, W * (1 - rho2 * delta)) + rho2 * D %*% V1 %*% t(D)) %*% bread
  list(probit = probit$coefficients, coefficients = b, se = sqrt(diag(V)), scale = sqrt(s2), rho = lambda / sqrt(s2))
}

selection <- function(case, data, outcome, seen, covariates, select, clusters = NULL, ...) {
  d <- read_data(data)
  X <- design(paste("~", covariates), d); Z <- design(paste("~", select), d); y <- d[[outcome]]; s <- d[[seen]] == 1
  two <- steps(y, s, X, Z)
  start <- c(two$coefficients[seq_len(ncol(X))], two$probit, log(two$scale), atanh(max(min(two$rho, 0.9), -0.9)))
  row_model(case, "share.Selection", data, outcome, list(mean = covariates, select = select, log_scale = "1", atanh_rho = "1"),
    function(d) heckman(s, y), call = c(list(select = select, seen = seen), list(...)), clusters = clusters, double = TRUE, packages = "numDeriv",
    start = unname(start), two_step = list(params = setNames(two$coefficients, c(colnames(X), "[mills]")),
      bse = setNames(two$se, c(colnames(X), "[mills]")), scale = two$scale, rho = two$rho))
}
selection("selection_mroz", "mroz", "logwage", "work", "education + experience + experience2",
  "education + experience + age + youngkids + income", clusters = "oldkids")
selection("selection_mroz_city", "mroz", "wage", "work", "education + experience + city", "education + age + youngkids + income + city")

# P(A < a, B < b) of two standard normal variables: the integral over A of density times P(B < b | A), Gauss-Legendre.
legendre <- statmod::gauss.quad(80, kind = "legendre")
log_phi2 <- function(a, b, rho) {
  a <- pmin(a, 9)
  half <- (a + 10) / 2; r <- sqrt(1 - rho^2)
  log(Reduce(`+`, Map(function(node, weight) { t <- -10 + half * (node + 1)
    weight * half * dnorm(t) * pnorm((b - rho * t) / r) }, legendre$nodes, legendre$weights)))
}
fractional_selection <- function(seen, y) function(eta) { rho <- tanh(eta$atanh_rho)
  ifelse(seen, y * log_phi2(eta$mean, eta$select, rho) + (1 - y) * log_phi2(-eta$mean, eta$select, -rho),
    pnorm(-eta$select, log.p = TRUE)) }

fractional_case <- function(case, data, outcome, covariates, select, clusters, ...) {
  y <- read_data(data)[[outcome]]
  row_model(case, "share.Selection", data, outcome, list(mean = covariates, select = select, atanh_rho = "1"),
    function(d) fractional_selection(y > 0, y), call = c(list(select = select, dist = "fractional"), list(...)), clusters = clusters,
    double = TRUE, packages = c("statmod", "numDeriv"))
}
fractional_case("selection_fractional_schools", "schools", "english", "income + calworks", "income + calworks + logstudents", "county")
fractional_case("selection_fractional_districts", "districts", "english", "income + lunch", "income + lunch + regular", "region")
