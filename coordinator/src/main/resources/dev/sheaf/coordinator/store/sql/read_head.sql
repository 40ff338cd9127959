SELECT epoch, batch, highest_fence, highest_order FROM head
