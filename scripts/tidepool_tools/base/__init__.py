"""What every room needs: failures, figures as people read them, where results go."""
