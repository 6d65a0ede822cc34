-- What is due is counted by day and by month beside the quarter of an hour: the board is folded anew, from the beginning of the feed.
DELETE FROM board_cells;
DELETE FROM board_cases;
DELETE FROM board_state;
DELETE FROM feed_cursor WHERE consumer = 'board';
