# Count distributions in high precision: the log-probability of y given mean m (and dispersion a), and log P(0).

log_poisson <- function(y, m) y * log(m) - m - lgamma(like(y, m) + 1)

# Var = m + a m^2
log_nb2 <- function(y, m, a) {
  k <- 1 / a
  lgamma(y + k) - lgamma(k) - lgamma(like(y, m) + 1) - k * log1p(a * m) + y * (log(a * m) - log1p(a * m))
}

# Var = m (1 + a m^(p - 1)); p = 1 is NB1, p = 2 is NB2
log_nbp <- function(y, m, a, p) log_nb2(y, m, a * m^(p - 2))
log_nb1 <- function(y, m, a) log_nb2(y, m, a / m)

# Generalized Poisson (GP-p): Var = m (1 + a m^(p - 1))^2
log_gp <- function(y, m, a, p) {
  b <- 1 + a * m^(p - 1)
  log(m) + (y - 1) * log(m + a * m^(p - 1) * y) - y * log(b) - lgamma(like(y, m) + 1) - (m + a * m^(p - 1) * y) / b
}

# Named by distribution: functions of eta = list(log mean, log dispersion).
counts <- list(
  poisson = function(y, eta) log_poisson(y, exp(eta[[1]])),
  nb1 = function(y, eta) log_nb1(y, exp(eta[[1]]), exp(eta[[2]])),
  nb2 = function(y, eta) log_nb2(y, exp(eta[[1]]), exp(eta[[2]])),
  nbp = function(y, eta) log_nbp(y, exp(eta[[1]]), exp(eta[[2]]), eta[[3]]),
  gp1 = function(y, eta) log_gp(y, exp(eta[[1]]), eta[[2]], 1),       # dispersion itself, which may be negative
  gp2 = function(y, eta) log_gp(y, exp(eta[[1]]), eta[[2]], 2))
dispersion <- c(nb1 = "log_alpha", nb2 = "log_alpha", nbp = "log_alpha", gp1 = "alpha", gp2 = "alpha")

double_nb2 <- function(y, m, a) stats::dnbinom(y, size = 1 / a, mu = m, log = TRUE)
