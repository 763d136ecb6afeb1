# Say which R packages the scripts use and this machine lacks.

scripts <- list.files(pattern = "[.]R$", recursive = TRUE)
text <- unlist(lapply(scripts, readLines))
named <- function(pattern) unlist(regmatches(text, gregexpr(pattern, text, perl = TRUE)))
used <- sort(unique(c(named("(?<=library\\()[A-Za-z0-9.]+"), named("[A-Za-z0-9.]+(?=::)"))))
missing <- used[!used %in% rownames(installed.packages())]
if (length(missing)) {
  message("These R packages are needed and missing: ", paste(missing, collapse = ", "), ".")
  message("On Debian and Ubuntu: sudo apt install ", paste0("r-cran-", tolower(missing), collapse = " "))
  quit(status = 1)
}
