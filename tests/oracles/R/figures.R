# Reading data, naming columns as patsy does, and writing one JSON file of figures a case.
# Every script sources this file; the working directory is tests/oracles.

Sys.setlocale("LC_COLLATE", "C")   # categories in code-point order, as Python sorts them
options(stringsAsFactors = FALSE, warn = 1)

read_data <- function(name) read.csv(file.path("data", paste0(name, ".csv")), check.names = FALSE)

# ---- designs ------------------------------------------------------------------------------------------------------

patsy_name <- function(column, frame) {
  part <- function(piece) {
    if (piece == "(Intercept)") return("Intercept")
    for (g in names(frame)[!vapply(frame, is.numeric, TRUE)]) {
      if (startsWith(piece, g) && substring(piece, nchar(g) + 1) %in% unique(as.character(frame[[g]])))
        return(sprintf("%s[T.%s]", g, substring(piece, nchar(g) + 1)))
    }
    piece
  }
  paste(vapply(strsplit(column, ":", fixed = TRUE)[[1]], part, ""), collapse = ":")
}

rename <- function(names, frame) unname(vapply(names, patsy_name, "", frame = frame))

# The design matrix of the right-hand side of `formula`, with patsy's column names.
design <- function(formula, data) {
  X <- model.matrix(delete.response(terms(as.formula(formula), data = data)), data)
  matrix(X, nrow(X), dimnames = list(NULL, rename(colnames(X), data)))
}

# ---- covariances --------------------------------------------------------------------------------------------------

se <- function(V) sqrt(diag(V))

# Rows of `scores` added within clusters.
by_cluster <- function(scores, cluster) rowsum(scores, cluster)

sandwich_cov <- function(bread, scores, cluster = seq_len(nrow(scores))) {
  V <- bread %*% crossprod(by_cluster(scores, cluster)) %*% bread
  dimnames(V) <- dimnames(bread)
  V
}

# ---- JSON ---------------------------------------------------------------------------------------------------------

# The shortest decimal that reads back as the same double.
json_number <- function(x) {
  if (is.na(x)) return("null")
  if (is.infinite(x)) return(if (x > 0) "Infinity" else "-Infinity")
  for (digits in 15:17) {
    text <- formatC(x, digits = digits, format = "g", width = 1)
    if (as.numeric(text) == x) break
  }
  text
}

json_scalar <- function(x) {
  if (is.logical(x)) return(if (is.na(x)) "null" else if (x) "true" else "false")
  if (is.numeric(x)) return(json_number(x))
  if (is.na(x)) "null" else encodeString(as.character(x), quote = '"')
}

json <- function(x, pad = "") {
  deeper <- paste0(pad, " ")
  if (is.null(x)) return("null")
  if (is.matrix(x)) x <- lapply(seq_len(nrow(x)), function(i) I(unname(x[i, ])))
  if (!is.null(names(x))) {
    body <- vapply(seq_along(x), function(i)
      paste0(deeper, encodeString(names(x)[i], quote = '"'), ": ", json(x[[i]], deeper)), "")
    return(paste0("{\n", paste(body, collapse = ",\n"), "\n", pad, "}"))
  }
  if (is.list(x)) {
    body <- vapply(x, function(v) paste0(deeper, json(v, deeper)), "")
    return(paste0("[\n", paste(body, collapse = ",\n"), "\n", pad, "]"))
  }
  if (length(x) == 1 && !inherits(x, "AsIs")) return(json_scalar(x))
  paste0("[", paste(vapply(x, json_scalar, ""), collapse = ", "), "]")
}

program <- function(packages) {
  versions <- vapply(packages, function(p) packageDescription(p)$Version, "")
  as.list(c(R = paste(R.version$major, R.version$minor, sep = "."), versions))
}

# The script that runs, e.g. "timing/cox.R".
running_script <- function() sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])

# Write figures/<case>.json. `packages` are those whose figures these are; other named arguments are the figures, of
# which those that are NULL are left out.
figures <- function(case, estimator, data, call, packages, ...) {
  out <- list(case = case, estimator = estimator, data = data, call = call, ...)
  out <- out[!vapply(out, is.null, TRUE)]
  out <- c(out, list(program = program(packages), script = running_script()))
  writeLines(json(out), file.path("figures", paste0(case, ".json")))
  message(case)
}

# Stop unless an independent computation gives the same numbers; return the largest relative difference for the record.
agree <- function(x, y, tolerance = 1e-6) {
  gap <- max(abs(unname(x) - unname(y)) / pmax(abs(unname(y)), 1e-8))
  if (!isTRUE(gap < tolerance)) stop(sprintf("two computations differ by %.2g (allowed %.2g)", gap, tolerance))
  gap
}
