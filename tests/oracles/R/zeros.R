# Likelihoods of counts with inflated zeros and over a hurdle, made of those of counts.R.

inflated <- function(dist, y) function(eta) {
  p <- eta[[length(eta)]]
  count <- log_plogis(-p) + counts[[dist]](y, eta)
  zero <- y == 0
  count[zero] <- log_sum(log_plogis(p[zero]), count[zero])
  count
}
hurdled <- function(dist, y) function(eta) {
  p <- eta[[length(eta)]]
  out <- log_plogis(-p)
  some <- y > 0
  part <- lapply(eta, `[`, some)
  out[some] <- log_plogis(p[some]) + counts[[dist]](y[some], part) - log1mexp(-counts[[dist]](rep(0, sum(some)), part))
  out
}
