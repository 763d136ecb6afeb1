# Count distributions in high precision: the log-probability of y given mean m (and dispersion a), and log P(0).

log_poisson <- function(y, m) y * log(m) - m - lgamma(precise(y) + 1)

# Var = m + a m^2
log_nb2 <- function(y, m, a) {
  k <- 1 / a
  lgamma(y + k) - lgamma(k) - lgamma(precise(y) + 1) - k * log1p(a * m) + y * (log(a * m) - log1p(a * m))
}

# Var = m (1 + a m^(p - 1)); p = 1 is NB1, p = 2 is NB2
log_nbp <- function(y, m, a, p) log_nb2(y, m, a * m^(p - 2))
log_nb1 <- function(y, m, a) log_nb2(y, m, a / m)

# Generalized Poisson (GP-p): Var = m (1 + a m^(p - 1))^2
log_gp <- function(y, m, a, p) {
  b <- 1 + a * m^(p - 1)
  log(m) + (y - 1) * log(m + a * m^(p - 1) * y) - y * log(b) - lgamma(precise(y) + 1) - (m + a * m^(p - 1) * y) / b
}

# Named by distribution: functions of eta = list(log mean, log dispersion).
counts <- list(
  poisson = function(y, eta) log_poisson(y, exp(eta[[1]])),
  nb1 = function(y, eta) log_nb1(y, exp(eta[[1]]), exp(eta[[2]])),
  nb2 = function(y, eta) log_nb2(y, exp(eta[[1]]), exp(eta[[2]])),
  gp1 = function(y, eta) log_gp(y, exp(eta[[1]]), exp(eta[[2]]), 1),
  gp2 = function(y, eta) log_gp(y, exp(eta[[1]]), exp(eta[[2]]), 2))

# Starting values by a derivative-free search in double precision.
rough <- function(objective, start) {
  for (i in 1:6) start <- optim(start, function(t) { v <- objective(t); if (is.finite(v)) -v else 1e10 },
    method = if (i %% 2) "BFGS" else "Nelder-Mead", control = list(maxit = 5000, reltol = 1e-14))$par
  start
}

double_nb2 <- function(y, m, a) stats::dnbinom(y, size = 1 / a, mu = m, log = TRUE)
