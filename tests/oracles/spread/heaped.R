# Counts of which some are rounded to fives and tens, by an independent likelihood: a mixture of the exact count and of all
# counts that round to it, halves in equal parts; nobody rounds to nothing.
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R"); source("R/numerical.R")

rounds_to <- function(y, h, least) {
  if (2 * y <= h) return(list(count = y, part = if (2 * y == h) 0.5 else 1))
  if (y %% h) return(NULL)
  count <- max(least, y - h %/% 2):(y + h %/% 2)
  list(count = count, part = ifelse(2 * abs(count - y) == h, 0.5, 1))
}

heaped <- function(y, dist, to, truncated) {
  moves <- lapply(to, function(h) { r <- lapply(y, rounds_to, h = h, least = as.numeric(truncated))
    list(row = rep(seq_along(y), lengths(lapply(r, `[[`, "count"))), count = unlist(lapply(r, `[[`, "count")),
      part = unlist(lapply(r, `[[`, "part"))) })
  function(eta) {
    own <- eta[seq_len(length(eta) - length(to))]
    odds <- lapply(eta[-seq_along(own)], exp)
    log_f <- function(count, rows) {
      part <- lapply(own, `[`, rows)
      counts[[dist]](count, part) - (if (truncated) log1mexp(-counts[[dist]](rep(0, length(count)), part)) else 0)
    }
    total <- exp(log_f(y, seq_along(y)))
    for (k in seq_along(to)) {
      m <- moves[[k]]
      p <- m$part * exp(log_f(m$count, m$row)) * odds[[k]][m$row]
      row <- rowsum(p, m$row)
      at <- as.integer(rownames(row))
      total[at] <- total[at] + row[, 1]
    }
    log(total) - log(1 + Reduce(`+`, odds))
  }
}

# The truncated null model has no estimate: its dispersion goes to infinity.
heap_case <- function(name, data, outcome, covariates, dist, to, truncated = TRUE, rows = NULL, null = FALSE, alpha = NULL,
                      frequency = NULL, weights = NULL) {
  d <- read_data(data)
  if (!is.null(rows)) d <- d[eval(parse(text = rows), d), ]
  f <- heaped(d[[outcome]], dist, to, truncated)
  column <- function(name) if (!is.null(name)) d[[name]]
  run <- function(X) {
    p <- ncol(X)
    Z <- if (dist == "poisson") NULL else if (is.null(alpha)) constant(nrow(d)) else design(paste("~", alpha), d)
    q <- if (is.null(Z)) 0 else ncol(Z)
    names <- predictor_names(c(list(X), if (q) list(log_alpha = Z), setNames(rep(list(constant(nrow(d))), length(to)), sprintf("round_%d", to))))
    peak(function(t) f(c(list(drop(X %*% t[seq_len(p)])), if (q) list(drop(Z %*% t[p + seq_len(q)])), lapply(t[-seq_len(p + q)], rep, nrow(X)))),
      c(log(mean(d[[outcome]])), rep(0, p - 1 + q), rep(-1, length(to))), names, column(frequency), column(weights))
  }
  call <- list(formula = paste(outcome, "~", covariates), dist = dist, to = I(to), truncated = truncated)
  call <- c(call, if (!is.null(alpha)) list(alpha = alpha), if (!is.null(frequency)) list(frequency = frequency),
    if (!is.null(weights)) list(weights = weights))
  do.call(figures, c(list(paste0("heaped_", name), "spread.HeapedCount", data, call, "numDeriv", rows = rows),
    estimates(run(design(paste("~", covariates), d)), llnull = if (null) run(constant(nrow(d)))$llf)))
}

heap_case("recreation", "recreation", "trips", "quality + ski + income", "nb2", c(5, 10), rows = "trips > 0")
heap_case("recreation_tens", "recreation", "trips", "quality + income", "nb2", 10, rows = "trips > 0")
heap_case("recreation_all", "recreation", "trips", "quality + income", "nb2", c(5, 10), truncated = FALSE, null = TRUE)
heap_case("recreation_alpha", "recreation", "trips", "quality + income", "nb2", c(5, 10), truncated = FALSE, alpha = "ski")
heap_case("quine", "quine", "days", "eth + sex", "nb2", 5, truncated = FALSE)
heap_case("quine_nb1", "quine", "days", "eth + sex", "nb1", 5, truncated = FALSE)
heap_case("biochemists_frequency", "biochemists", "art", "fem + ment", "nb2", 4, truncated = FALSE, frequency = "repeats")
heap_case("biochemists_weights", "biochemists", "art", "fem + ment", "nb2", 4, truncated = FALSE, weights = "repeats")
