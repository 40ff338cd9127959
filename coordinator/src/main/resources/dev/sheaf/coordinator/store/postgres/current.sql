SELECT epoch, holder, address FROM leader WHERE until > clock_timestamp()
