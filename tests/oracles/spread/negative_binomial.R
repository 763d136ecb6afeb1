# Poisson and negative binomial counts (stats::glm, MASS::glm.nb, polished in high precision): observed information for
# the coefficients and the log dispersion together.
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R")

count_model <- function(case, estimator, data, outcome, covariates, form, clusters = NULL, alpha = NULL, ...) {
  options <- list(...)
  d <- read_data(data)
  y <- d[[outcome]]
  X <- design(paste("~", covariates), d)
  Z <- if (is.null(alpha)) constant(length(y)) else design(paste("~", alpha), d)
  column <- function(name) if (!is.null(options[[name]])) d[[options[[name]]]]
  w <- column("frequency"); if (is.null(w)) w <- column("weights"); if (is.null(w)) w <- rep(1, length(y))
  offset <- if (!is.null(options$offset)) d[[options$offset]] else rep(0, length(y))
  loglik <- function(eta) { eta[[1]] <- eta[[1]] + offset; counts[[form]](y, eta) }
  start <- glm.fit(X, y, w, offset = offset, family = poisson(), control = list(epsilon = 1e-14))$coefficients
  designs <- list(log_mean = X)
  empty <- list(log_mean = constant(length(y)))
  peer <- start
  if (form != "poisson") {
    designs$log_alpha <- Z
    empty$log_alpha <- constant(length(y))
    nb <- MASS::glm.nb(y ~ X - 1 + offset(offset), weights = w, control = glm.control(epsilon = 1e-14, maxit = 500))
    peer <- c(coef(nb), -log(nb$theta))
    start <- c(coef(nb), if (form == "nb2") -log(nb$theta) else log(mean(y) / nb$theta), rep(0, ncol(Z) - 1))
    if (form == "nb1") start <- rough(function(t) {
      m <- exp(drop(X %*% t[seq_len(ncol(X))]) + offset)
      sum(w * double_nb2(y, m, exp(drop(Z %*% t[-seq_len(ncol(X))])) / m))
    }, start)
  }
  fit <- maximize(loglik, designs, unname(start), frequency = column("frequency"), weights = column("weights"),
    cluster = if (!is.null(clusters)) d[[clusters]])
  null <- maximize(loglik, empty, c(log(weighted.mean(y, w) / weighted.mean(exp(offset), w)), if (form != "poisson") 0),
    frequency = column("frequency"), weights = column("weights"))
  gap <- if (form == "poisson" || (form == "nb2" && is.null(alpha))) agree(peer, fit$params, 1e-5)
  out <- estimates(fit, llnull = null$llf, agreement = gap)
  call <- c(list(formula = paste(outcome, "~", covariates)), if (form != "poisson") list(form = form),
    if (!is.null(alpha)) list(alpha = paste("~", alpha)), options)
  do.call(figures, c(list(case, estimator, data, call, c(if (form == "poisson") "stats" else "MASS", "Rmpfr")),
    list(clusters = clusters), out))
}

for (form in c("poisson", "nb2", "nb1")) {
  who <- if (form == "poisson") "spread.Poisson" else "spread.NegativeBinomial"
  count_model(paste0("counts_quine_", form), who, "quine", "days", "eth + sex + age + lrn", form)
  count_model(paste0("counts_biochemists_", form), who, "biochemists", "art", "fem + mar + kid5 + phd + ment", form, "lab")
  count_model(paste0("counts_biochemists_frequency_", form), who, "biochemists", "art", "fem + kid5 + ment", form, "lab", frequency = "repeats")
  count_model(paste0("counts_biochemists_weights_", form), who, "biochemists", "art", "fem + kid5 + ment", form, "lab", weights = "repeats")
  count_model(paste0("counts_biochemists_offset_", form), who, "biochemists", "art", "fem + kid5", form, "lab", offset = "ment")
  count_model(paste0("counts_visits_", form), who, "visits", "visits", "health + chronic + gender + school + insurance", form)
}
for (form in c("nb2", "nb1"))
  count_model(paste0("counts_biochemists_alpha_", form), "spread.NegativeBinomial", "biochemists", "art", "fem + kid5 + ment", form, "lab", alpha = "ment")
