# Counts of which some are rounded to fives and tens, by an independent likelihood: a mixture of the exact count and of all
# counts that round to it, halves in equal parts; nobody rounds to nothing.
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R")

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
      for (r in unique(m$row)) total[r] <- total[r] + sum(p[m$row == r])
    }
    log(total) - log(1 + Reduce(`+`, odds))
  }
}

heap_case <- function(name, data, outcome, covariates, dist, to, truncated = TRUE, rows = NULL, alpha = "1", ...) {
  options <- list(...)
  equations <- function(x, a) c(list(log_mean = x), if (dist != "poisson") list(log_alpha = a),
    setNames(rep(list("1"), length(to)), paste0("round_", to)))
  row_model(sprintf("heaped_%s_%s", name, dist), "spread.HeapedCount", data, outcome, equations(covariates, alpha),
    function(d) heaped(d[[outcome]], dist, to, truncated), call = c(list(dist = dist, to = I(to), truncated = truncated),
      if (alpha != "1") list(alpha = alpha), options), rows = rows, null = equations("1", "1"), tries = 2)
}

heap_case("recreation", "recreation", "trips", "quality + ski + income", "nb2", c(5, 10), rows = "trips > 0")
heap_case("recreation_tens", "recreation", "trips", "quality + income", "nb2", 10, rows = "trips > 0")
heap_case("recreation_all", "recreation", "trips", "quality + income", "nb2", c(5, 10), truncated = FALSE)
