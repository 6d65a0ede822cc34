-- New texts are put aside unsorted until they fill so many kilobytes, and every search reads through what is aside: of 4 MB, the default, for 20 milliseconds.
ALTER INDEX search_words SET (gin_pending_list_limit = 512);
