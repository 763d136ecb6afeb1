# Choices among alternatives: conditional logit (survival::clogit, exact for several picks), nested logit by an independent
# likelihood in the parametrization with one scale of utility.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")
suppressMessages(library(survival))

# log of the sum of exp(a) over all subsets of `k`, written out
log_subsets <- function(eta, k) {
  if (k == 1) { top <- max(eta); return(top + log(sum(exp(eta - top)))) }
  s <- colSums(matrix(eta[combn(length(eta), k)], k))
  max(s) + log(sum(exp(s - max(s))))
}

conditional_units <- function(y, X, set) {
  rows <- Filter(function(r) sum(y[r]) > 0 && sum(y[r]) < length(r), split(seq_along(y), set))
  function(theta) {
    eta <- drop(X %*% theta)
    vapply(rows, function(r) sum(eta[r][y[r] == 1]) - log_subsets(eta[r], sum(y[r])), 0)
  }
}

nested_units <- function(y, X, set, nest) {
  several <- sort(unique(unlist(lapply(split(nest, set), function(m) names(which(table(m) > 1))))))
  rows <- split(seq_along(y), set)
  function(theta) {
    v <- drop(X %*% theta[seq_len(ncol(X))])
    lambda <- setNames(rep(1, length(unique(nest))), unique(nest))
    lambda[several] <- theta[-seq_len(ncol(X))]
    vapply(rows, function(r) {
      inclusive <- vapply(split(v[r] / lambda[nest[r]], nest[r]), function(u) log(sum(exp(u))), 0)
      picked <- r[y[r] == 1]; m <- nest[picked]
      v[picked] / lambda[[m]] - inclusive[[m]] + lambda[[m]] * inclusive[[m]] - log(sum(exp(lambda[names(inclusive)] * inclusive)))
    }, 0)
  }
}

choice_case <- function(case, data, outcome, covariates, set, nest = NULL, clusters = NULL, rows = NULL) {
  d <- read_data(data)
  X <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  y <- d[[outcome]]
  peer <- clogit(as.formula(paste(outcome, "~", covariates, "+ strata(", set, ")")), d, method = "exact",
    control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100))
  first <- unname(coef(peer))
  names <- colnames(X)
  units <- conditional_units(y, X, d[[set]])
  if (!is.null(nest)) {
    units <- nested_units(y, X, d[[set]], as.character(d[[nest]]))
    several <- sort(unique(unlist(lapply(split(d[[nest]], d[[set]]), function(m) names(which(table(m) > 1))))))
    names <- c(names, sprintf("[dissimilarity] %s", several))
    first <- c(first, rep(0.8, length(several)))
  }
  cluster <- if (!is.null(clusters)) d[[clusters]][match(names(units(first)), d[[set]])]
  fit <- peak(units, first, names, cluster = cluster)
  fit$nobs <- length(unique(d[[set]]))      # sets in which all or nothing is picked count as observed
  gap <- if (is.null(nest)) agree(first, fit$params)
  null <- if (is.null(nest)) sum(units(0 * first))
  call <- list(formula = paste(outcome, "~", covariates), choice_set = set, nest = nest)
  do.call(figures, c(list(case, paste0("strategy.", if (is.null(nest)) "ConditionalLogit" else "NestedLogit"), data,
    call[!vapply(call, is.null, TRUE)], c(if (is.null(nest)) "survival", "numDeriv"), clusters = clusters),
    estimates(fit, llnull = null, agreement_with_clogit = gap)))
}

choice_case("conditional_infert", "infert", "case", "spontaneous + induced", "stratum")
choice_case("conditional_travel", "travel", "choice", "wait + gcost + air + bus + train + air_income", "individual", clusters = "size")
choice_case("conditional_ohio", "ohio", "wheeze", "age + age:smoke", "id")
choice_case("nested_travel", "travel", "choice", "wait + gcost + air + bus + train + air_income", "individual", nest = "nest", clusters = "size")
choice_case("nested_travel_kind", "travel", "choice", "wait + travel + vcost", "individual", nest = "kind")
choice_case("nested_infert", "infert", "case", "spontaneous", "stratum", nest = "induced")
choice_case("nested_infert_both", "infert", "case", "spontaneous + induced", "stratum", nest = "induced")
